import Addressing
import IptablesRules

/// One ruleset as iptables has it, for both families.
typealias LoweredForIptables = [AddressFamily: [TableContent]]

/// Mistakes in iptables rules.
enum IptablesFaults {
    static let all: [Fault<LoweredForIptables>] = order + words

    private static let order: [Fault<LoweredForIptables>] = [
        Fault("an exclusion after the redirect") { lowered in
            lowered.changingTable { content in
                guard let first = content.own.firstIndex(where: { $0.spelling.last == "RETURN" }),
                    let last = content.own.lastIndex(where: {
                        $0.chain == content.own[first].chain
                    }), first < last, content.own[last].spelling.contains("-j")
                else { return false }
                content.own.insert(content.own.remove(at: first), at: last)
                return true
            }
        },
        Fault("a rule of first appended") { lowered in
            lowered.changingTable { content in
                guard let first = content.hooked.firstIndex(where: \.isInserted),
                    content.hooked.contains(where: {
                        $0.chain == content.hooked[first].chain && !$0.isInserted
                    })
                else { return false }
                var rule = content.hooked.remove(at: first)
                rule.isInserted = false
                content.hooked.append(rule)
                return true
            }
        },
        Fault("the jump to our chain missing") { lowered in
            lowered.changingTable { content in
                guard
                    let index = content.hooked.firstIndex(where: {
                        $0.spelling.last?.hasPrefix(IptablesChain.prefix) ?? false
                    })
                else { return false }
                content.hooked.remove(at: index)
                return true
            }
        },
        Fault("a redirect missing") { lowered in
            lowered.removing { $0.contains("REDIRECT") }
        },
        Fault("a return missing") { lowered in
            lowered.changingTable { content in
                guard
                    let index = content.own.firstIndex(where: {
                        $0.spelling.last == "RETURN" && $0.spelling.contains("--dport")
                    })
                else { return false }
                content.own.remove(at: index)
                return true
            }
        },
        Fault("a member of a negation chain missing") { lowered in
            lowered.changingTable { content in
                guard
                    let index = content.own.firstIndex(where: {
                        $0.chain.hasPrefix(IptablesChain.negationPrefix)
                    })
                else { return false }
                content.own.remove(at: index)
                return true
            }
        },
        Fault("IPv6 rules missing") { lowered in
            guard lowered[.ipv6]?.isEmpty == false else { return nil }
            var changed = lowered
            changed[.ipv6] = []
            return changed
        },
        Fault("a table missing") { lowered in
            guard let index = lowered[.ipv4]?.firstIndex(where: { $0.table == .raw }) else {
                return nil
            }
            var changed = lowered
            changed[.ipv4]?.remove(at: index)
            return changed
        },
    ]

    private static let words: [Fault<LoweredForIptables>] = [
        Fault("a negation missing") { lowered in
            lowered.changingWords { words in
                guard let index = words.firstIndex(of: "!") else { return nil }
                return words.without(index, 1)
            }
        },
        Fault("prefixes one bit longer") { lowered in
            lowered.changingEveryValue(of: ["-d", "-s"]) { text in
                guard let prefix = IPPrefix(text), !prefix.isSingle, prefix.length > 0 else {
                    return nil
                }
                return "\(prefix.address)/\(prefix.length + 1)"
            }
        },
        Fault("an excluded port off by one") { lowered in
            lowered.changingValue(of: ["--dport"]) { text in
                Int(text).flatMap { $0 == 53 ? nil : Port($0 + 1) }.map { "\($0)" }
            }
        },
        Fault("the first of several ports missing") { lowered in
            lowered.changingEveryValue(of: ["--dport", "--dports"]) { text in
                let ports = text.split(separator: ",")
                return ports.count > 1 ? ports.dropFirst().joined(separator: ",") : nil
            }
        },
        Fault("a range of ports that ends one earlier") { lowered in
            lowered.changingValue(of: ["--dport", "--dports"]) { text in
                let ends = text.split(separator: ":").compactMap { Int($0) }
                guard ends.count == 2, ends[0] < ends[1], !text.contains(",") else { return nil }
                return "\(ends[0]):\(ends[1] - 1)"
            }
        },
        Fault("a range of owners that ends one earlier") { lowered in
            lowered.changingValue(of: ["--uid-owner"]) { text in
                let ends = text.split(separator: "-").compactMap { Int($0) }
                return ends.count == 2 ? "\(ends[0])-\(ends[1] - 1)" : nil
            }
        },
        Fault("another owner") { lowered in
            lowered.changingValue(of: ["--uid-owner"]) { text in
                UInt32(text).map { "\($0 == 0 ? 1 : $0 - 1)" }
            }
        },
        Fault("a redirect to the port below") { lowered in
            lowered.changingValue(of: ["--to-ports"]) { text in
                Int(text).map { "\($0 == 1 ? 2 : $0 - 1)" }
            }
        },
        Fault("an owner match missing") { lowered in
            lowered.changingWords { words in
                guard let index = words.firstIndex(of: "owner"), index > 0,
                    let value = words.firstIndex(of: "--uid-owner")
                else { return nil }
                return Array(words[..<(index - 1)] + words[(value + 2)...])
            }
        },
        Fault("TCP instead of UDP") { lowered in
            lowered.changingAllWords { words in
                guard words.contains("udp") else { return nil }
                return words.map { $0 == "udp" ? "tcp" : $0 }
            }
        },
        Fault("the loopback match missing") { lowered in
            lowered.changingWords { words in
                // In a rule without another match that implies it, such as one for 127.0.0.6.
                guard words.contains("--uid-owner") else { return nil }
                return words.firstIndex(of: "-o").map { words.without($0, 2) }
            }
        },
        Fault("the source instead of the destination") { lowered in
            lowered.changingWords { words in
                words.contains("-d") ? words.map { $0 == "-d" ? "-s" : $0 } : nil
            }
        },
        Fault("another conntrack zone") { lowered in
            lowered.changingWords { words in
                guard let index = words.firstIndex(of: "--zone"), words.contains("--dport"),
                    !words.contains("-i")
                else { return nil }
                return Array(words[...index]) + [words[index + 1] == "1" ? "2" : "1"]
            }
        },
    ]
}
