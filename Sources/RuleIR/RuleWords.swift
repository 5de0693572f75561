import Addressing

/// Rules in words, for people.
package struct RuleWords: Sendable {
    /// How many members of a set are spelled out.
    private static let shownMembers = 4

    private let ruleset: Ruleset

    package init(ruleset: Ruleset) {
        self.ruleset = ruleset
    }

    /// What a packet must be, such as `tcp to port 53 owned by user 5678`; `any packet` for all.
    package func condition(_ matches: [Match]) -> String {
        matches.isEmpty ? "any packet" : matches.map(words).joined(separator: ", ")
    }

    /// What happens to it, such as `exempt` or `to port 15001`.
    package func actionWords(_ rule: Rule, isBase: Bool) -> String {
        switch rule.action {
        case .return: isBase ? "exempt" : "return"
        case .yieldToDockerDNS: "exempt, to Docker's DNS"
        case .jump(let name): "go to \(name)"
        case .redirect(let port): "CAPTURED, to port \(port)"
        case .drop: "DROPPED"
        case .log(let prefix, let level): "logged as '\(prefix.rawValue)', level \(level.number)"
        case .conntrackZone(let zone): "conntrack zone \(zone)"
        }
    }

    private func words(_ match: Match) -> String {
        switch match {
        case .family(let family): family.displayName
        case .transport(let transport): transport.rawValue
        case .source(let test): "from \(words(test))"
        case .destination(let test): "to \(words(test))"
        case .sourcePort(let test): "from port \(words(test))"
        case .destinationPort(let test): "to port \(words(test))"
        case .inputInterface(let pattern): "in \(pattern)"
        case .outputInterface(let pattern): "out \(pattern)"
        case .owner(.is(let user)): "of user \(user)"
        case .owner(.isNot(let user)): "not of user \(user)"
        case .ownedFlow(let name): "of \(contents(name))"
        case .connectionState(let state): "state \(state.rawValue)"
        }
    }

    private func words(_ test: AddressTest) -> String {
        let addresses =
            switch test.addresses {
            case .prefix(let prefix): "\(prefix)"
            case .set(let name, _): contents(name)
            }
        return test.isNegated ? "other than \(addresses)" : addresses
    }

    private func words(_ test: PortTest) -> String {
        switch test {
        case .port(let port): "\(port)"
        case .set(let name): contents(name)
        }
    }

    /// The first members of a set in braces, and how many more there are.
    private func contents(_ name: SetName) -> String {
        guard let set = ruleset.set(named: name) else { return "@\(name)" }
        let shown = set.memberTexts(first: Self.shownMembers)
        let rest = set.count - shown.count
        let more = rest > 0 ? ["\(rest) more in @\(name)"] : []
        return "{ " + (shown + more).joined(separator: ", ") + " }"
    }
}
