package import RuleIR

/// The kinds of matches.
///
/// The compiler requires one for each case of `Match`, and `RandomRuleset` one of each kind. So the
/// tests with random rulesets try a new kind with every reader, writer and evaluator.
package enum MatchKind: Hashable, Sendable, CaseIterable {
    case family
    case transport
    case source
    case destination
    case sourcePort
    case destinationPort
    case inputInterface
    case outputInterface
    case owner
    case ownerIsNot
    case ownedFlow
    case connectionState

    package init(_ match: Match) {
        self =
            switch match {
            case .family: .family
            case .transport: .transport
            case .source: .source
            case .destination: .destination
            case .sourcePort: .sourcePort
            case .destinationPort: .destinationPort
            case .inputInterface: .inputInterface
            case .outputInterface: .outputInterface
            case .owner(.is): .owner
            case .owner(.isNot): .ownerIsNot
            case .ownedFlow: .ownedFlow
            case .connectionState: .connectionState
            }
    }
}

/// The kinds of actions, for the same purpose.
package enum ActionKind: Hashable, Sendable, CaseIterable {
    case `return`
    case jump
    case redirect
    case drop
    case log
    case conntrackZone
    case yieldToDockerDNS

    package init(_ action: Action) {
        self =
            switch action {
            case .return: .return
            case .jump: .jump
            case .redirect: .redirect
            case .drop: .drop
            case .log: .log
            case .conntrackZone: .conntrackZone
            case .yieldToDockerDNS: .yieldToDockerDNS
            }
    }
}
