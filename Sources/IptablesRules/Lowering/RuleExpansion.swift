package import Addressing
package import RuleIR

/// Expands a rule of the IR to iptables rules, one for each combination of elements.
///
/// iptables has no sets.
package struct RuleExpansion {
    /// The maximum number of ports in a `multiport` match; a range counts as two
    /// (iptables-extensions(8)).
    package static let maximumSlots = 15

    private let ruleset: Ruleset
    private let family: AddressFamily

    package init(_ ruleset: Ruleset, _ family: AddressFamily) {
        self.ruleset = ruleset
        self.family = family
    }

    /// Returns the matches of each resulting rule; none if the rule is for the other family.
    package func matches(of rule: Rule) -> [RuleMatches] {
        var matches = [RuleMatches()]
        for match in rule.matches {
            let choices = choices(for: match, rule.transport)
            matches = matches.flatMap { partial in choices.compactMap { partial.adding($0) } }
        }
        return matches
    }

    /// Returns the alternatives for one match: one for each element of its set.
    private func choices(for match: Match, _ transport: TransportProtocol?) -> [RuleMatches] {
        switch match {
        case .family(let wanted): return wanted == family ? [RuleMatches()] : []
        case .transport(let transport):
            return [RuleMatches(transport: transport, spelling: ["-p", transport.rawValue])]
        case .source(let test):
            return addresses("-s", test).map { address in
                RuleMatches(source: address.listed, spelling: address.spelled)
            }
        case .destination(let test):
            return addresses("-d", test).map { address in
                RuleMatches(destination: address.listed, spelling: address.spelled)
            }
        case .sourcePort(let test): return ports("--sport", test, transport)
        case .destinationPort(let test): return ports("--dport", test, transport)
        case .inputInterface(let pattern):
            let words = ["-i", "\(pattern)"]
            return [RuleMatches(input: words, spelling: words)]
        case .outputInterface(let pattern):
            let words = ["-o", "\(pattern)"]
            return [RuleMatches(output: words, spelling: words)]
        case .owner(let test):
            let words = Self.words(of: test)
            return [RuleMatches(owner: words, spelling: words)]
        case .ownedFlow(let name): return flows(name)
        case .connectionState(let state):
            let words = ["-m", "conntrack", "--ctstate", state.rawValue.uppercased()]
            return [RuleMatches(state: words, spelling: words)]
        }
    }

    private static func words(of test: OwnerTest) -> [String] {
        switch test {
        case .is(let user): ["-m", "owner", "--uid-owner", "\(user)"]
        case .isNot(let user): ["-m", "owner", "!", "--uid-owner", "\(user)"]
        }
    }

    /// Returns `-s` or `-d` as listed and as Kuma writes it.
    ///
    /// A negated set of several elements needs a chain of its own (`NegatedSet`).
    private func addresses(
        _ option: String, _ test: AddressTest
    ) -> [(listed: [String], spelled: [String])] {
        guard test.family == family else { return [] }
        let words = (test.isNegated ? ["!"] : []) + [option]
        switch test.addresses {
        // No address is outside this block, and iptables-nft refuses such a match.
        case .prefix(let prefix) where test.isNegated && prefix.length == 0: return []
        case .prefix(let prefix):
            let address = words + [Self.text(prefix)]
            return [(address, address)]
        case .set(let name, _):
            guard case .addresses(_, let members) = ruleset.set(named: name)?.members else {
                return []
            }
            // `NegatedSet` handles negated sets of several elements.
            return members.map { (words + [Self.text($0.value)], words + ["\($0.value)"]) }
        }
    }

    private func ports(
        _ option: String, _ test: PortTest, _ transport: TransportProtocol?
    ) -> [RuleMatches] {
        ranges(of: test).map { range in
            let words = [option, Self.text(range)]
            return RuleMatches(
                ports: ["-m", (transport ?? .tcp).rawValue] + words, spelling: words)
        }
    }

    private func ranges(of test: PortTest) -> [PortRange] {
        switch test {
        case .port(let port): return [PortRange(port)]
        case .set(let name):
            guard case .ports(let members) = ruleset.set(named: name)?.members else { return [] }
            return members.map(\.value)
        }
    }

    /// Returns one rule for each protocol and owner, with the ports in one `multiport`, as Kuma
    /// does.
    private func flows(_ name: SetName) -> [RuleMatches] {
        guard case .ownedFlows(let members) = ruleset.set(named: name)?.members else { return [] }
        return members.map(\.value).flatMap { flow in
            flow.protocols.flatMap { transport in
                Self.slots(flow.ports).flatMap { ports in
                    flow.owners.map { owners in
                        let owner = ["-m", "owner", "--uid-owner", "\(owners)"]
                        return RuleMatches(
                            transport: transport, ports: ["-m", "multiport", "--dports", ports],
                            owner: owner,
                            // `--dport` abbreviates multiport's `--dports`; that of tcp accepts no
                            // list.
                            spelling: [
                                "-m", "multiport", "-p", transport.rawValue, "--dport", ports,
                            ] + owner)
                    }
                }
            }
        }
    }

    /// Returns the ports in groups of at most 15 slots.
    package static func slots(_ ranges: [PortRange]) -> [String] {
        var groups: [[String]] = []
        var used = maximumSlots
        for range in ranges {
            let size = range.first == range.last ? 1 : 2
            if used + size > maximumSlots {
                groups.append([])
                used = 0
            }
            groups[groups.count - 1].append(text(range))
            used += size
        }
        return groups.map { $0.joined(separator: ",") }
    }

    /// Returns a port as `80`, and a range as `80:90`.
    package static func text(_ range: PortRange) -> String {
        range.first == range.last ? "\(range.first)" : "\(range.first):\(range.last)"
    }

    /// Returns a block with its length, which iptables-save(8) always prints.
    package static func text(_ prefix: IPPrefix) -> String { "\(prefix.address)/\(prefix.length)" }
}
