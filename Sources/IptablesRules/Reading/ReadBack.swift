package import Addressing
package import RuleIR

/// Rules as the tools list them, in the terms of the IR: what `RuleTrace` can follow a packet through,
/// and what can be compared with a plan.
///
/// One rule becomes one rule, but for chains of "none of these" (`NegatedSet`), which become what they
/// were made from.
package struct ReadBack {
    /// A rule that says something which the IR has no words for.
    package struct Inexpressible: Error, Hashable {
        package var line: String
    }

    private let family: AddressFamily
    private var sets: [NamedSet] = []
    private var chains: [String: [SavedRule]] = [:]

    /// The ruleset of one family; `parts` are our rules, table by table.
    package static func ruleset(
        _ family: AddressFamily,
        _ parts: [(table: IptablesTable, hooked: [SavedRule], own: [SavedRule])]
    ) throws(Inexpressible) -> Ruleset {
        var reading = ReadBack(family: family)
        var bases: [BaseChain] = []
        var chains: [Chain] = []
        for part in parts {
            reading.chains = Dictionary(grouping: part.own, by: \.chain)
            for hook in Hook.allCases {
                let saved = part.hooked.filter {
                    IptablesChain.hookName(of: $0.chain) == IptablesChain.name(of: hook)
                }
                guard !saved.isEmpty else { continue }
                bases.append(
                    BaseChain(part.table.stage, hook, first: try reading.rules(saved)))
            }
            for (name, saved) in reading.chains.sorted(by: { $0.key < $1.key }) {
                guard !name.hasPrefix(IptablesChain.negationPrefix),
                    let chain = ChainName(String(name.dropFirst(IptablesChain.prefix.count)))
                else { continue }
                chains.append(Chain(chain, try reading.rules(saved)))
            }
        }
        return Ruleset(
            instance: .mesh, families: [family], sets: reading.sets, baseChains: bases,
            chains: chains)
    }

    private init(family: AddressFamily) {
        self.family = family
    }

    private mutating func rules(_ saved: [SavedRule]) throws(Inexpressible) -> [Rule] {
        var rules: [Rule] = []
        for one in saved {
            let target = one.rule.target.dropFirst().first ?? ""
            if target.hasPrefix(IptablesChain.negationPrefix) {
                rules += try negated(one, chains[target] ?? [])
            } else {
                rules.append(try rule(one, beside: []))
            }
        }
        return rules
    }

    /// The chain's leading returns are the members, the rest meets the rule.
    private mutating func negated(
        _ jump: SavedRule, _ chain: [SavedRule]
    ) throws(Inexpressible) -> [Rule] {
        let members = chain.prefix { $0.rule.target == ["-j", "RETURN"] }
        var prefixes: [NamedSet.Member<IPPrefix>] = []
        for member in members {
            guard member.rule.header.count == 2, let prefix = IPPrefix(member.rule.header[1]) else {
                throw inexpressible(member)
            }
            prefixes.append(NamedSet.Member(prefix, source: "loaded"))
        }
        let name = SetName("none_of_\(sets.count)")
        sets.append(NamedSet(name, .addresses(family, prefixes)))
        var beside: [Match] = [.destination(.notInSet(name, family))]
        beside += try matches(of: jump)
        var rules: [Rule] = []
        for one in chain.dropFirst(members.count) {
            rules.append(try rule(one, beside: beside))
        }
        return rules
    }

    private mutating func rule(
        _ saved: SavedRule, beside: [Match]
    ) throws(Inexpressible) -> Rule {
        Rule(
            beside + (try matches(of: saved)), then: try action(of: saved),
            because: Self.rationale(of: saved.rule.comment))
    }

    private mutating func matches(of saved: SavedRule) throws(Inexpressible) -> [Match] {
        var words = (saved.rule.header + saved.rule.extensions)[...]
        var matches: [Match] = []
        var ports: [PortRange] = []
        var transport: TransportProtocol?
        var isNegated = false
        func next() throws(Inexpressible) -> String {
            guard let word = words.popFirst() else { throw inexpressible(saved) }
            return word
        }
        while let word = words.popFirst() {
            switch word {
            case "!":
                isNegated = true
                continue
            case "-p":
                guard let named = TransportProtocol(rawValue: try next()), !isNegated else {
                    throw inexpressible(saved)
                }
                transport = named
                matches.append(.transport(named))
            case "-s", "-d":
                guard let prefix = IPPrefix(try next()) else { throw inexpressible(saved) }
                let test = isNegated ? AddressTest.notOf(prefix) : .of(prefix)
                matches.append(word == "-s" ? .source(test) : .destination(test))
            case "-i", "-o":
                guard let pattern = InterfacePattern(try next()), !isNegated else {
                    throw inexpressible(saved)
                }
                matches.append(word == "-i" ? .inputInterface(pattern) : .outputInterface(pattern))
            case "-m":
                _ = try next()
            case "--dport", "--sport":
                guard let port = Port(try next()), !isNegated else { throw inexpressible(saved) }
                matches.append(
                    word == "--dport" ? .destinationPort(.port(port)) : .sourcePort(.port(port)))
            case "--dports":
                guard let listed = Self.ports(try next()) else { throw inexpressible(saved) }
                ports = listed
            case "--uid-owner":
                let range = Self.users(try next())
                if let range, !ports.isEmpty, let transport, !isNegated {
                    matches.append(.ownedFlow(flow(transport, ports, range)))
                } else if let range, range.first == range.last {
                    matches.append(.owner(isNegated ? .isNot(range.first) : .is(range.first)))
                } else {
                    throw inexpressible(saved)
                }
            case "--ctstate":
                guard let state = ConnectionState(rawValue: try next().lowercased()), !isNegated
                else { throw inexpressible(saved) }
                matches.append(.connectionState(state))
            case _: throw inexpressible(saved)
            }
            isNegated = false
        }
        return matches
    }

    private mutating func flow(
        _ transport: TransportProtocol, _ ports: [PortRange], _ owners: UserIDRange
    ) -> SetName {
        let name = SetName("flow_\(sets.count)")
        let flow = OwnedFlow(protocols: [transport], ports: ports, owners: [owners])
        sets.append(NamedSet(name, .ownedFlows([NamedSet.Member(flow, source: "loaded")])))
        return name
    }

    private func action(of saved: SavedRule) throws(Inexpressible) -> Action {
        let words = saved.rule.target.dropFirst()
        func value(_ option: String) -> String? {
            words.firstIndex(of: option).flatMap {
                words.dropFirst($0 - words.startIndex + 1).first
            }
        }
        switch words.first {
        case "RETURN", "ACCEPT": return .return
        case "DROP": return .drop
        case "DOCKER_OUTPUT": return .yieldToDockerDNS
        case "REDIRECT":
            guard let port = value("--to-ports").flatMap({ Port($0) }) else { break }
            return .redirect(port)
        case "CT":
            guard let zone = value("--zone").flatMap({ UInt16($0) }) else { break }
            return .conntrackZone(zone)
        case "LOG":
            guard let prefix = value("--log-prefix").flatMap({ LogPrefix(rawValue: $0) }),
                let level = LogLevel(value("--log-level").flatMap { Int($0) } ?? 4)
            else { break }
            return .log(prefix: prefix, level: level)
        case let name?:
            guard name.hasPrefix(IptablesChain.prefix),
                let chain = ChainName(String(name.dropFirst(IptablesChain.prefix.count)))
            else { break }
            return .jump(chain)
        case nil: break
        }
        throw inexpressible(saved)
    }

    private func inexpressible(_ saved: SavedRule) -> Inexpressible {
        Inexpressible(line: RestoreText.line(["-A", saved.chain] + saved.words))
    }

    private static func ports(_ text: String) -> [PortRange]? {
        var ranges: [PortRange] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: ":").compactMap { Port($0) }
            guard let first = ends.first, let last = ends.last, let range = PortRange(first, last)
            else { return nil }
            ranges.append(range)
        }
        return ranges
    }

    private static func users(_ text: String) -> UserIDRange? {
        let ends = text.split(separator: "-").compactMap { UserID($0) }
        guard let first = ends.first, let last = ends.last else { return nil }
        return UserIDRange(first, last)
    }

    /// `reason [key]` behind Kuma's prefix; the whole comment where it isn't ours.
    private static func rationale(of comment: String?) -> Rationale {
        guard let comment, comment.hasPrefix(IptablesComment.prefix) else {
            return Rationale(comment ?? "no comment", key: "")
        }
        let words = comment.dropFirst(IptablesComment.prefix.count)
        guard words.hasSuffix("]"), let bracket = words.lastIndex(of: "[") else {
            return Rationale(String(words), key: "")
        }
        return Rationale(
            String(words[..<bracket]).trimmingSpaces,
            key: String(words[words.index(after: bracket)...].dropLast()))
    }
}
