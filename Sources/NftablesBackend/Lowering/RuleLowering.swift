import Addressing
import RuleIR

/// Lowers one rule of the IR: to one rule, or to one for each way to meet it.
struct RuleLowering {
    /// nft refuses longer comments (`NFTNL_UDATA_COMMENT_MAXLEN`).
    static let maximumComment = 128

    private let rule: Rule
    private let location: RuleLocation
    private let sets: SetLowering
    private let hasComments: Bool
    private let transport: TransportProtocol?
    /// The user that must not own the socket, if the rule asks so.
    let excludedOwner: UserID?

    init(_ rule: Rule, _ location: RuleLocation, _ sets: SetLowering, hasComments: Bool) {
        self.rule = rule
        self.location = location
        self.sets = sets
        self.hasComments = hasComments
        transport = rule.transport
        var excludedOwner: UserID?
        for match in rule.matches {
            if case .owner(.isNot(let user)) = match { excludedOwner = user }
        }
        self.excludedOwner = excludedOwner
    }

    /// The rule, less its "owner is not".
    func lowered() -> [NftRule] {
        alternatives.map { make($0 + [.counter] + actions, note: "") }
    }

    /// The same, each behind a rule that lets packets of `owner` go on in `chain`.
    func lowered(pastFor owner: UserID, to chain: String) -> [NftRule] {
        alternatives.flatMap { matches in
            let isOwner = NftStatement.match(.owner, isNegated: false, .user(owner))
            return [
                make(matches + [isOwner, .counter, .goto(chain)], note: "not for this owner: "),
                make(matches + [.counter] + actions, note: ""),
            ]
        }
    }

    /// On to the rules behind this one.
    func passage(to chain: String) -> NftRule {
        make([.counter, .goto(chain)], note: "else past: ")
    }

    private func make(_ statements: [NftStatement], note: String) -> NftRule {
        NftRule(
            statements: statements,
            comment: hasComments ? Self.comment(rule.rationale, note: note) : nil,
            location: location, rationale: rule.rationale)
    }

    static func comment(_ rationale: Rationale, note: String = "") -> String {
        String("\(note)\(rationale.reason) [\(rationale.key)]".prefix(maximumComment))
    }

    /// Lists of matches, one of which must hold as a whole; no packet meets two of them.
    private var alternatives: [[NftStatement]] {
        let asksPort = rule.matches.contains { match in
            switch match {
            case .sourcePort, .destinationPort, .ownedFlow: true
            case .family, .transport, .source, .destination, .inputInterface, .outputInterface,
                .owner, .connectionState:
                false
            }
        }
        let asksAddress = rule.matches.contains { match in
            switch match {
            case .source, .destination: true
            case .family, .transport, .sourcePort, .destinationPort, .inputInterface,
                .outputInterface, .owner, .ownedFlow, .connectionState:
                false
            }
        }
        return rule.matches.reduce([[]]) { lists, match in
            let more = lower(match, asksPort: asksPort, asksAddress: asksAddress)
            return lists.flatMap { list in more.map { list + $0 } }
        }
    }

    /// A port or an address brings its protocol with it, and the kernel lists it so.
    private func lower(_ match: Match, asksPort: Bool, asksAddress: Bool) -> [[NftStatement]] {
        switch match {
        case .family(let family):
            asksAddress ? [[]] : Self.one(.nfproto, .family(family))
        case .transport(let transport):
            asksPort ? [[]] : Self.one(.l4proto, .transport(transport))
        case .source(let test): lower(.sourceAddress(test.family), test)
        case .destination(let test): lower(.destinationAddress(test.family), test)
        case .sourcePort(let test): lower(.sourcePort(transport ?? .tcp), test)
        case .destinationPort(let test): lower(.destinationPort(transport ?? .tcp), test)
        case .inputInterface(let pattern): Self.one(.inputInterface, .interface(pattern))
        case .outputInterface(let pattern): Self.one(.outputInterface, .interface(pattern))
        case .owner(.is(let user)): Self.one(.owner, .user(user))
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

    /// The one match, which must hold.
    private static func one(
        _ operand: NftOperand, isNegated: Bool = false, _ value: NftValue
    ) -> [[NftStatement]] {
        [[.match(operand, isNegated: isNegated, value)]]
    }

    private var actions: [NftStatement] {
        switch rule.action {
        case .return: [.return]
        // Docker's own chain comes behind ours, on the same hook.
        case .yieldToDockerDNS: [.return]
        case .jump(let name): [.jump(NftTable.name(of: name))]
        case .redirect(let port): [.redirect(port)]
        case .drop: [.drop]
        case .log(let prefix, let level): [.log(prefix: prefix, level: level)]
        case .conntrackZone(let zone): [.setZone(zone), .return]
        }
    }
}
