import Addressing

/// Describes rules in English.
package struct RuleMessages: Sendable {
    /// The maximum number of a set's elements that are listed.
    private static let shownMembers = 4

    private let ruleset: Ruleset

    package init(ruleset: Ruleset) {
        self.ruleset = ruleset
    }

    /// Describes matches, such as `tcp, to port 53, UID 5678`; `any packet` for none.
    package func condition(_ matches: [Match]) -> String {
        matches.isEmpty ? "any packet" : matches.map(words).joined(separator: ", ")
    }

    /// Describes the matches of rules; those of a rule and its twin for IPv6 as one.
    package func condition(of rules: some Collection<Rule>) -> String {
        guard rules.count == 2, let first = rules.first, let second = rules.dropFirst().first,
            first.isTwin(of: second)
        else { return rules.map { condition($0.matches) }.joined(separator: "; ") }
        return zip(first.matches, second.matches).map { words($0, $1) }.joined(separator: ", ")
    }

    /// Describes the action, such as `bypass` or `REDIRECTED to port 15001`.
    package func actionWords(_ rule: Rule, isBase: Bool) -> String {
        switch rule.action {
        case .return: isBase ? "bypass" : "return"
        case .yieldToDockerDNS: "bypass, to Docker's DNS"
        case .jump(let name): "jump to \(name)"
        case .redirect(let port): "REDIRECTED to port \(port)"
        case .drop: "DROPPED"
        case .log(let prefix, let level): "logged as '\(prefix.rawValue)', level \(level.number)"
        case .conntrackZone(let zone): "conntrack zone \(zone)"
        }
    }

    private func words(_ match: Match) -> String {
        switch match {
        case .family(let family): family.displayName
        case .transport(let transport): transport.rawValue
        case .source(let test): words(test, "from")
        case .destination(let test): words(test, "to")
        case .sourcePort(let test): "from port \(words(test))"
        case .destinationPort(let test): "to port \(words(test))"
        case .inputInterface(let pattern): "in \(pattern)"
        case .outputInterface(let pattern): "out \(pattern)"
        case .owner(.is(let user)): "UID \(user)"
        case .owner(.isNot(let user)): "not UID \(user)"
        case .ownedFlow(let name): "of \(contents(name))"
        case .connectionState(let state): "state \(state.rawValue)"
        }
    }

    /// Describes the matches of twins at one position.
    private func words(_ one: Match, _ other: Match) -> String {
        switch (one, other) {
        case (.source(let test), .source(let twin)) where test != twin:
            words(test, twin, "from")
        case (.destination(let test), .destination(let twin)) where test != twin:
            words(test, twin, "to")
        case (.family, .family) where one != other: "IPv4 or IPv6"
        case (.family, _), (.transport, _), (.source, _), (.destination, _), (.sourcePort, _),
            (.destinationPort, _), (.inputInterface, _), (.outputInterface, _), (.owner, _),
            (.ownedFlow, _), (.connectionState, _):
            words(one)
        }
    }

    private func words(
        _ test: AddressTest, _ twin: AddressTest, _ preposition: String
    ) -> String {
        let (one, other) = (addresses(test), addresses(twin))
        let both =
            if let first = one.braced, let second = other.braced {
                "{ \(first), \(second) }"
            } else {
                "\(one) or \(other)"
            }
        return "\(test.isNegated ? "not " : "")\(preposition) \(both)"
    }

    private func addresses(_ test: AddressTest) -> String {
        switch test.addresses {
        case .prefix(let prefix): "\(prefix)"
        case .set(let name, _): contents(name)
        }
    }

    private func words(_ test: AddressTest, _ preposition: String) -> String {
        "\(test.isNegated ? "not " : "")\(preposition) \(addresses(test))"
    }

    private func words(_ test: PortTest) -> String {
        switch test {
        case .port(let port): "\(port)"
        case .set(let name): contents(name)
        }
    }

    /// Returns the first elements of a set in braces, and the number of the rest.
    private func contents(_ name: SetName) -> String {
        guard let set = ruleset.set(named: name) else { return "@\(name)" }
        let shown = set.memberTexts(first: Self.shownMembers)
        let rest = set.count - shown.count
        let more = rest > 0 ? ["\(rest) more in @\(name)"] : []
        return "{ " + (shown + more).joined(separator: ", ") + " }"
    }
}

extension String {
    /// The items between `{ ` and ` }`; nil for a text without braces.
    fileprivate var braced: Substring? {
        hasPrefix("{ ") && hasSuffix(" }") ? dropFirst(2).dropLast(2) : nil
    }
}
