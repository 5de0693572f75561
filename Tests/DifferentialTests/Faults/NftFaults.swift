import Addressing
import RuleIR

@testable import NftablesBackend

/// Mistakes in an nftables table.
enum NftFaults {
    static let all: [Fault<NftTable>] = order + values + matches + verdicts

    private static let order: [Fault<NftTable>] = [
        Fault("an exclusion after the redirect") { table in
            table.changingChain { chain in
                guard let last = chain.rules.indices.last, chain.rules[last].jumps,
                    let first = chain.rules.firstIndex(where: \.returns)
                else { return false }
                chain.rules.swapAt(first, last)
                return true
            }
        },
        Fault("last without the exclusions of first") { table in
            table.changingChain { chain in
                let before = chain.rules.count
                guard chain.name.hasSuffix("_last") else { return false }
                chain.rules.removeAll { rule in
                    if case .first = rule.location?.list { true } else { false }
                }
                return chain.rules.count < before
            }
        },
        Fault("conntrack before the zones") { table in
            table.changingChain { chain in
                guard chain.name == "raw_output_last" else { return false }
                chain.base?.priority = -190
                return true
            }
        },
        Fault("the other hook") { table in
            table.changingChain { chain in
                guard chain.name == "nat_output_last" else { return false }
                chain.base?.hook = .prerouting
                chain.rules.removeAll { $0.asks(.owner) || $0.asks(.outputInterface) }
                return true
            }
        },
        Fault("an excluded owner missing") { table in
            table.changingChain { chain in
                guard chain.name.contains("_not_uid_"), chain.name.hasPrefix("nat") else {
                    return false
                }
                chain.rules.removeFirst()
                return true
            }
        },
        Fault("a return instead of an accept") { table in
            table.changingStatement(of: "mesh_outbound_not_uid_") { statement in
                statement == .accept ? [.return] : nil
            }
        },
    ]

    private static let values: [Fault<NftTable>] = [
        Fault("a prefix one bit longer") { table in
            table.changingElement { element in
                guard case .addresses(let range) = element, range.first < range.last,
                    let middle = range.prefix.flatMap({
                        IPPrefix($0.address, length: $0.length + 1)
                    })
                else { return nil }
                return [.addresses(middle.range)]
            }
        },
        Fault("a range of addresses that ends one later") { table in
            table.changingElement { element in
                guard case .addresses(let range) = element else { return nil }
                let next = IPAddress(family: range.family, bits: range.last.bits &+ 1)
                guard let longer = AddressRange(range.first, next),
                    let single = AddressRange(next, next)
                else { return nil }
                // A plain set has no ranges.
                return range.first == range.last
                    ? [element, .addresses(single)] : [.addresses(longer)]
            }
        },
        Fault("an address missing") { table in
            table.changingElement { element in
                if case .addresses = element { [] } else { nil }
            }
        },
        Fault("a port missing") { table in
            table.changingElement { element in
                if case .ports = element { [] } else { nil }
            }
        },
        Fault("a port too many") { table in
            table.changingElement { element in
                guard case .ports(let range) = element, let next = Port(Int(range.last.number) + 1),
                    let longer = PortRange(range.first, next), let single = PortRange(next, next)
                else { return nil }
                return range.first == range.last ? [element, .ports(single)] : [.ports(longer)]
            }
        },
        Fault("a range of owners that begins one later") { table in
            table.changingElement(of: "outbound") { element in
                guard case .flow(let owners, let ports) = element else { return nil }
                guard let next = UserID(UInt64(owners.first.number) + 1),
                    let shorter = UserIDRange(next, owners.last)
                else { return [] }
                return [.flow(shorter, ports)]
            }
        },
        Fault("an owner's ports that end one earlier") { table in
            table.changingElement(of: "outbound") { element in
                guard case .flow(let owners, let ports) = element,
                    let last = Port(Int(ports.last.number) - 1),
                    let shorter = PortRange(ports.first, last)
                else { return nil }
                return [.flow(owners, shorter)]
            }
        },
        Fault("an owner's flow with the other protocol") { table in
            table.changingStatement { statement in
                guard
                    case .match(
                        .ownedFlow(let transport, let inIntervals), let isNegated,
                        .set(let name)) = statement, name.hasPrefix("outbound")
                else { return nil }
                let other: TransportProtocol = transport == .tcp ? .udp : .tcp
                return [
                    .match(
                        .ownedFlow(other, inIntervals: inIntervals), isNegated: isNegated,
                        .set(name))
                ]
            }
        },
        Fault("a DNS server missing") { table in
            table.changingElement(of: "dns_servers") { _ in [] }
        },
    ]

    private static let matches: [Fault<NftTable>] = [
        Fault("a negation missing") { table in
            table.changingStatement { statement in
                guard case .match(let operand, isNegated: true, let value) = statement else {
                    return nil
                }
                return [.match(operand, isNegated: false, value)]
            }
        },
        Fault("an owner match missing") { table in table.losing(.owner) },
        Fault("another owner") { table in
            table.changingStatement { statement in
                guard case .match(.owner, let isNegated, .user(let user)) = statement,
                    let next = UserID(UInt64(user.number) + 1)
                else { return nil }
                return [.match(.owner, isNegated: isNegated, .user(next))]
            }
        },
        Fault("a family match missing") { table in table.losing(.nfproto) },
        Fault("port 54 instead of DNS") { table in
            table.changingStatement { statement in
                guard case .match(.destinationPort(.udp), let isNegated, .port) = statement,
                    let next = Port(54)
                else { return nil }
                return [.match(.destinationPort(.udp), isNegated: isNegated, .port(next))]
            }
        },
        Fault("the loopback match missing") { table in
            // In a rule without another match that implies it, such as one for 127.0.0.6.
            table.losing(.outputInterface, fromRulesThatAsk: .owner)
        },
        Fault("the incoming interface match missing") { table in table.losing(.inputInterface) },
        Fault("UDP instead of TCP") { table in
            table.changingStatement { statement in
                guard case .match(.l4proto, let isNegated, .transport(.tcp)) = statement else {
                    return nil
                }
                return [.match(.l4proto, isNegated: isNegated, .transport(.udp))]
            }
        },
        Fault("a TCP port instead of a UDP port") { table in
            table.changingStatement { statement in
                guard case .match(.destinationPort(.udp), let isNegated, let value) = statement
                else { return nil }
                return [.match(.destinationPort(.tcp), isNegated: isNegated, value)]
            }
        },
        Fault("the source instead of the destination") { table in
            table.changingStatement { statement in
                guard
                    case .match(.destinationAddress(let family), let isNegated, .set(let name)) =
                        statement
                else { return nil }
                return [.match(.sourceAddress(family), isNegated: isNegated, .set(name))]
            }
        },
        Fault("an interface pattern read as a name") { table in
            table.changingStatement { statement in
                guard case .match(let operand, let isNegated, .interface(let pattern)) = statement,
                    pattern.isWildcard, let name = InterfacePattern(pattern.stem)
                else { return nil }
                return [.match(operand, isNegated: isNegated, .interface(name))]
            }
        },
    ]

    private static let verdicts: [Fault<NftTable>] = [
        Fault("a redirect to the port below") { table in
            table.changingStatement { statement in
                guard case .redirect(let port) = statement, let next = Port(Int(port.number) - 1)
                else { return nil }
                return [.redirect(next)]
            }
        },
        Fault("a return missing") { table in
            table.changingChain { chain in
                guard let index = chain.rules.lastIndex(where: \.returns) else { return false }
                chain.rules[index].statements.removeLast()
                return true
            }
        },
        Fault("drop instead of return") { table in
            table.changingChain { chain in
                // The kernel refuses it in a base chain of type nat.
                guard chain.base == nil, let index = chain.rules.lastIndex(where: \.returns) else {
                    return false
                }
                chain.rules[index].statements[chain.rules[index].statements.count - 1] = .drop
                return true
            }
        },
        Fault("a jump missing") { table in table.removingRule(where: \.jumps) },
        Fault("a redirect missing") { table in
            table.removingRule { rule in
                if case .redirect = rule.statements.last { true } else { false }
            }
        },
        Fault("another conntrack zone") { table in
            table.changingStatement(of: "raw_output") { statement in
                guard case .setZone(let zone) = statement else { return nil }
                return [.setZone(zone == 1 ? 2 : 1)]
            }
        },
    ]
}
