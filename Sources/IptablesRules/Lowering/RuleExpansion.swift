package import Addressing
package import RuleIR

/// One rule of the IR as rules of iptables, which has no sets: one for each combination of members.
package struct RuleExpansion {
    /// iptables-extensions(8): up to 15 ports, a range counts as two.
    package static let maximumSlots = 15

    private let ruleset: Ruleset
    private let family: AddressFamily

    package init(_ ruleset: Ruleset, _ family: AddressFamily) {
        self.ruleset = ruleset
        self.family = family
    }

    /// The matches of each rule that is needed; none when the rule is about the other family.
    package func matches(of rule: Rule) -> [IptablesRule] {
        var transport: TransportProtocol?
        for match in rule.matches {
            if case .transport(let named) = match { transport = named }
        }
        var partials = [Partial()]
        for match in rule.matches {
            let choices = choices(for: match, transport)
            partials = partials.flatMap { partial in choices.map { partial.adding($0) } }
        }
        return partials.map(\.rule)
    }

    /// What one match adds: one entry for each member of its set.
    private func choices(for match: Match, _ transport: TransportProtocol?) -> [Partial] {
        switch match {
        case .family(let wanted): wanted == family ? [Partial()] : []
        case .transport(let transport): [Partial(transport: transport)]
        case .source(let test): addresses(test).map { Partial(source: $0) }
        case .destination(let test): addresses(test).map { Partial(destination: $0) }
        case .sourcePort(let test):
            ports(test).map { Partial(ports: port("--sport", $0, transport)) }
        case .destinationPort(let test):
            ports(test).map { Partial(ports: port("--dport", $0, transport)) }
        case .inputInterface(let pattern): [Partial(input: ["-i", "\(pattern)"])]
        case .outputInterface(let pattern): [Partial(output: ["-o", "\(pattern)"])]
        case .owner(.is(let user)): [Partial(owner: ["-m", "owner", "--uid-owner", "\(user)"])]
        case .owner(.isNot(let user)):
            [Partial(owner: ["-m", "owner", "!", "--uid-owner", "\(user)"])]
        case .ownedFlow(let name): flows(name)
        case .connectionState(let state):
            [Partial(state: ["-m", "conntrack", "--ctstate", state.rawValue.uppercased()])]
        }
    }

    /// `-d` in its forms; several negated members need a chain of their own (`NegatedSet`).
    private func addresses(_ test: AddressTest) -> [[String]] {
        guard test.family == family else { return [] }
        let negation = test.isNegated ? ["!"] : []
        switch test.addresses {
        case .prefix(let prefix): return [negation + ["", Self.text(prefix)]]
        case .set(let name, _):
            guard case .addresses(_, let members) = ruleset.set(named: name)?.members else {
                return []
            }
            // A negated set of several is dealt with before this.
            return members.map { negation + ["", Self.text($0.value)] }
        }
    }

    private func ports(_ test: PortTest) -> [PortRange] {
        switch test {
        case .port(let port): return [PortRange(port)]
        case .set(let name):
            guard case .ports(let members) = ruleset.set(named: name)?.members else { return [] }
            return members.map(\.value)
        }
    }

    private func port(
        _ option: String, _ range: PortRange, _ transport: TransportProtocol?
    ) -> [String] {
        ["-m", (transport ?? .tcp).rawValue, option, Self.text(range)]
    }

    /// Kuma's form: for each protocol one rule, its ports in one `multiport`.
    private func flows(_ name: SetName) -> [Partial] {
        guard case .ownedFlows(let members) = ruleset.set(named: name)?.members else { return [] }
        return members.map(\.value).flatMap { flow in
            flow.protocols.flatMap { transport in
                Self.slots(flow.ports).flatMap { ports in
                    flow.owners.map { owners in
                        Partial(
                            transport: transport,
                            ports: ["-m", "multiport", "--dports", ports],
                            owner: ["-m", "owner", "--uid-owner", "\(owners)"])
                    }
                }
            }
        }
    }

    /// The ports in groups of at most 15 slots.
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

    /// `80`, or `80:90`.
    package static func text(_ range: PortRange) -> String {
        range.first == range.last ? "\(range.first)" : "\(range.first):\(range.last)"
    }

    /// iptables-save(8) always prints the length.
    package static func text(_ prefix: IPPrefix) -> String { "\(prefix.address)/\(prefix.length)" }
}

/// A rule while its matches are put together; the fields are in the order of iptables-save(8).
private struct Partial {
    var source: [String] = []
    var destination: [String] = []
    var input: [String] = []
    var output: [String] = []
    var transport: TransportProtocol?
    var ports: [String] = []
    var state: [String] = []
    var owner: [String] = []

    func adding(_ other: Partial) -> Partial {
        var sum = self
        sum.source += other.source
        sum.destination += other.destination
        sum.input += other.input
        sum.output += other.output
        sum.transport = other.transport ?? transport
        sum.ports += other.ports
        sum.state += other.state
        sum.owner += other.owner
        return sum
    }

    var rule: IptablesRule {
        let header =
            Self.named(source, "-s") + Self.named(destination, "-d") + input + output
            + (transport.map { ["-p", $0.rawValue] } ?? [])
        return IptablesRule(header: header, extensions: ports + state + owner)
    }

    /// Puts the option's name into the place that was kept for it.
    private static func named(_ words: [String], _ option: String) -> [String] {
        words.map { $0.isEmpty ? option : $0 }
    }
}
