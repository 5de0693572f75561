import Addressing
import RuleIR

/// Lowers one rule of the IR.
struct RuleLowering {
    /// nft refuses longer comments (`NFTNL_UDATA_COMMENT_MAXLEN`).
    static let maximumComment = 128

    private let rule: Rule
    private let location: RuleLocation
    private let hasComments: Bool
    private let transport: TransportProtocol?
    /// The user that must not own the socket, if the rule asks so.
    let excludedOwner: UserID?

    init(_ rule: Rule, _ location: RuleLocation, hasComments: Bool) {
        self.rule = rule
        self.location = location
        self.hasComments = hasComments
        transport = rule.transport
        var excludedOwner: UserID?
        for match in rule.matches {
            if case .owner(.isNot(let user)) = match { excludedOwner = user }
        }
        self.excludedOwner = excludedOwner
    }

    /// The rule, less its "owner is not".
    func lowered() -> NftRule {
        make(matches + [.counter] + actions, note: "")
    }

    /// The rule's matches with this owner, and another verdict.
    func lowered(owner: UserID, verdict: NftStatement) -> NftRule {
        make(
            matches + [.match(.owner, isNegated: false, .user(owner)), .counter, verdict],
            note: "not for this owner: ")
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

    private var matches: [NftStatement] {
        let asksPort = rule.matches.contains { match in
            switch match {
            case .sourcePort, .destinationPort: true
            case .family, .transport, .source, .destination, .inputInterface, .outputInterface,
                .owner, .ownedFlow, .connectionState:
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
        return rule.matches.flatMap { match in
            lower(match, asksPort: asksPort, asksAddress: asksAddress)
        }
    }

    /// A port or an address brings its protocol with it, and the kernel lists it so.
    private func lower(_ match: Match, asksPort: Bool, asksAddress: Bool) -> [NftStatement] {
        switch match {
        case .family(let family):
            asksAddress ? [] : [.match(.nfproto, isNegated: false, .family(family))]
        case .transport(let transport):
            asksPort ? [] : [.match(.l4proto, isNegated: false, .transport(transport))]
        case .source(let test):
            [.match(.sourceAddress(test.family), isNegated: test.isNegated, Self.value(test))]
        case .destination(let test):
            [.match(.destinationAddress(test.family), isNegated: test.isNegated, Self.value(test))]
        case .sourcePort(let test):
            [.match(.sourcePort(transport ?? .tcp), isNegated: false, Self.value(test))]
        case .destinationPort(let test):
            [.match(.destinationPort(transport ?? .tcp), isNegated: false, Self.value(test))]
        case .inputInterface(let pattern):
            [.match(.inputInterface, isNegated: false, .interface(pattern))]
        case .outputInterface(let pattern):
            [.match(.outputInterface, isNegated: false, .interface(pattern))]
        case .owner(.is(let user)): [.match(.owner, isNegated: false, .user(user))]
        case .owner(.isNot): []
        case .ownedFlow(let name): [.match(.ownedFlow, isNegated: false, .set(name.text))]
        case .connectionState(let state):
            [.match(.connectionState, isNegated: false, .state(state))]
        }
    }

    private static func value(_ test: AddressTest) -> NftValue {
        switch test.addresses {
        case .prefix(let prefix): .prefix(prefix)
        case .set(let name, _): .set(name.text)
        }
    }

    private static func value(_ test: PortTest) -> NftValue {
        switch test {
        case .port(let port): .port(port)
        case .set(let name): .set(name.text)
        }
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
