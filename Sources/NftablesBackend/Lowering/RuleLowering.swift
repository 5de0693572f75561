import Addressing
import RuleIR

/// Lowers one rule of the IR: to one rule, or to one for each alternative of its matches.
struct RuleLowering {
    /// The maximum length of a comment that nft accepts (`NFTNL_UDATA_COMMENT_MAXLEN`), in bytes.
    static let maximumComment = 128

    private let rule: Rule
    private let location: RuleLocation
    private let sets: SetLowering
    private let hasComments: Bool
    /// Whether the rule is in a base chain, where a return ends the base chain.
    private let isInBase: Bool
    private let transport: TransportProtocol?

    init(
        _ rule: Rule, _ location: RuleLocation, _ sets: SetLowering, hasComments: Bool,
        isInBase: Bool
    ) {
        self.rule = rule
        self.location = location
        self.sets = sets
        self.hasComments = hasComments
        self.isInBase = isInBase
        transport = rule.transport
    }

    /// Returns the lowered rules; the rule must not exclude an owner.
    var rules: [NftRule] {
        alternatives.map { make($0 + [.counter] + actions) }
    }

    /// Returns the rule without its excluded owners, with a jump to their chain as its action.
    func jumps(to chain: String) -> [NftRule] {
        let users = rule.excludedOwners.map(\.description).joined(separator: " and ")
        return alternatives.map { matches in
            make(matches + [.counter, .jump(chain)], note: "unless UID \(users): ")
        }
    }

    /// Returns the chain of the excluded owners: they return to `caller`, the rest gets the action.
    ///
    /// An action that returns accepts here, because a return would only leave this chain. Both end
    /// the base chain: `caller` is one, or no rule follows it (`Ruleset.check()`).
    func negation(in caller: String) -> [NftRule] {
        let returns = rule.excludedOwners.map { user in
            make(
                [.match(.owner, isNegated: false, .user(user)), .counter, .return],
                because: Rationale("UID \(user) returns to \(caller)", key: rule.rationale.key))
        }
        let action = actions.map { $0 == .return ? .accept : $0 }
        return returns + [make(protocolOfRedirect + [.counter] + action)]
    }

    /// The match of the protocol that libnftables requires before a redirect in the same rule.
    private var protocolOfRedirect: [NftStatement] {
        guard case .redirect = rule.action, let transport else { return [] }
        return [.match(.l4proto, isNegated: false, .transport(transport))]
    }

    private func make(
        _ statements: [NftStatement], note: String = "", because rationale: Rationale? = nil
    ) -> NftRule {
        let rationale = rationale ?? rule.rationale
        let comment = "\(note)\(rationale.reason) [\(rationale.key)]"
        return NftRule(
            statements: statements,
            comment: hasComments ? String(comment.prefix(Self.maximumComment)) : nil,
            location: location, rationale: rationale)
    }

    /// Lists of matches, of which one must hold as a whole; no packet matches two of them.
    private var alternatives: [[NftStatement]] {
        let matchesPort = rule.matches.contains { match in
            switch match {
            case .sourcePort, .destinationPort, .ownedFlow: true
            case .family, .transport, .source, .destination, .inputInterface, .outputInterface,
                .owner, .connectionState:
                false
            }
        }
        let matchesAddress = rule.matches.contains { match in
            switch match {
            case .source, .destination: true
            case .family, .transport, .sourcePort, .destinationPort, .inputInterface,
                .outputInterface, .owner, .ownedFlow, .connectionState:
                false
            }
        }
        return rule.matches.reduce([[]]) { lists, match in
            let more = lower(match, matchesPort: matchesPort, matchesAddress: matchesAddress)
            return lists.flatMap { list in more.map { list + $0 } }
        }
    }

    /// Lowers a match; a port or an address implies its protocol, and the kernel lists it so.
    private func lower(_ match: Match, matchesPort: Bool, matchesAddress: Bool) -> [[NftStatement]]
    {
        switch match {
        case .family(let family):
            matchesAddress ? [[]] : Self.one(.nfproto, .family(family))
        case .transport(let transport):
            matchesPort ? [[]] : Self.one(.l4proto, .transport(transport))
        case .source(let test): lower(.sourceAddress(test.family), test)
        case .destination(let test): lower(.destinationAddress(test.family), test)
        case .sourcePort(let test): lower(.sourcePort(transport ?? .tcp), test)
        case .destinationPort(let test): lower(.destinationPort(transport ?? .tcp), test)
        case .inputInterface(let pattern): Self.one(.inputInterface, .interface(pattern))
        case .outputInterface(let pattern): Self.one(.outputInterface, .interface(pattern))
        case .owner(.is(let user)): Self.one(.owner, .user(user))
        // Negated owners are lowered to a chain of their own.
        case .owner(.isNot): [[]]
        case .ownedFlow(let name): sets.flowAlternatives(name, transport)
        case .connectionState(let state): Self.one(.connectionState, .state(state))
        }
    }

    private func lower(_ operand: NftOperand, _ test: AddressTest) -> [[NftStatement]] {
        switch test.addresses {
        case .prefix(let prefix): Self.one(operand, isNegated: test.isNegated, .prefix(prefix))
        case .set(let name, _): sets.alternatives(operand, isNegated: test.isNegated, name)
        }
    }

    private func lower(_ operand: NftOperand, _ test: PortTest) -> [[NftStatement]] {
        switch test {
        case .port(let port): Self.one(operand, .port(port))
        case .set(let name): sets.alternatives(operand, name)
        }
    }

    /// Returns a single match as the only alternative.
    private static func one(
        _ operand: NftOperand, isNegated: Bool = false, _ value: NftValue
    ) -> [[NftStatement]] {
        [[.match(operand, isNegated: isNegated, value)]]
    }

    private var actions: [NftStatement] {
        switch rule.action {
        case .return: [.return]
        // Docker's own chain runs after ours on the same hook.
        case .yieldToDockerDNS: [.return]
        case .jump(let name): [.jump(NftTable.name(of: name))]
        case .redirect(let port): [.redirect(port)]
        case .drop: [.drop]
        case .log(let prefix, let level): [.log(prefix: prefix, level: level)]
        case .conntrackZone(let zone): [.setZone(zone), isInBase ? .return : .accept]
        }
    }
}
