/// A problem for which no backend can give a ruleset a meaning.
package enum RulesetProblem: Error, Hashable, Sendable {
    case unknownChain(ChainName, at: RuleLocation)
    /// The rule jumps to a chain of another stage.
    case otherStage(ChainName, at: RuleLocation)
    case jumpLoop(ChainName)
    case duplicateChain(String)
    case duplicateSet(SetName)
    case invalidSetName(String)
    case unknownSet(SetName, at: RuleLocation)
    /// The type of the set differs from the match's.
    case wrongSetKind(SetName, at: RuleLocation)
    /// The action isn't valid at this stage or hook, or needs a transport match.
    case misplacedAction(at: RuleLocation)
    /// The match isn't valid at this hook or stage.
    case misplacedMatch(at: RuleLocation)
    /// The rule matches a port without a transport protocol.
    case portWithoutTransport(at: RuleLocation)
    /// The rule returns packets of all but some owners from a chain that other rules follow.
    ///
    /// nftables has no match for them. It can only accept them in that place, which ends the base
    /// chain.
    case returnForOtherOwners(at: RuleLocation)
    /// The matches require both families, so no packet can match.
    case mixedFamilies(at: RuleLocation)
    /// A reason or key isn't plain text.
    case unprintableRationale(at: RuleLocation)
    case noFamilies
    /// The prerequisites aren't in order, or one is listed twice.
    case unorderedPrerequisites
    /// The backend supports one instance only, `mesh`.
    case unsupportedInstance(InstanceName, by: String)
    /// The backend reserves this chain name for another purpose.
    case reservedChain(String, by: String)
    /// The elements of the set overlap so much that no kernel would accept the result.
    case tooManyFlows(SetName, limit: Int)
    /// The backend has no sets and would need more rules than a kernel can load.
    case tooManyRules(by: String, limit: Int)
    /// The backend can't express the rule.
    case inexpressible(by: String, at: RuleLocation)
    /// The backend can't express the rule, for a reason; the backend `instead` can.
    case unsupportedRule(RefusedRule, by: String, reason: String, instead: String)
    /// The rules need more of something than the backend holds; the backend `instead` holds more.
    case limitExceeded(String, by: String, limit: Int, instead: String)
}

extension RulesetProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownChain(let name, let place):
            "\(place) jumps to chain '\(name)', which doesn't exist"
        case .otherStage(let name, let place):
            "\(place) jumps to chain '\(name)', which belongs to another stage"
        case .jumpLoop(let name): "chain '\(name)' can reach itself through its jumps"
        case .duplicateChain(let name): "chain '\(name)' is defined twice"
        case .duplicateSet(let name): "set '\(name)' is defined twice"
        case .invalidSetName(let name): "'\(name)' is not a set name"
        case .unknownSet(let name, let place):
            "\(place) looks up set '\(name)', which doesn't exist"
        case .wrongSetKind(let name, let place):
            "\(place) looks up a key in set '\(name)' that has another type"
        case .misplacedAction(let place): "\(place) has an action that its hook can't perform"
        case .misplacedMatch(let place): "\(place) has a match that its hook can't evaluate"
        case .portWithoutTransport(let place):
            "\(place) matches a port without a transport protocol"
        case .returnForOtherOwners(let place):
            "\(place) returns all owners except some from a chain in which other rules follow"
        case .mixedFamilies(let place): "\(place) matches both IPv4 and IPv6"
        case .unprintableRationale(let place): "\(place) has a reason that isn't plain text"
        case .noFamilies: "the ruleset is for no address family"
        case .unorderedPrerequisites: "a prerequisite is listed twice or out of order"
        case .unsupportedInstance(let name, let backend):
            "\(backend) has one installation, 'mesh', and can't load '\(name)' as well"
        case .reservedChain(let name, let backend):
            "\(backend) reserves the chain name '\(name)'"
        case .tooManyFlows(let name, let limit):
            "set '\(name)' has more than \(limit) combinations of owners and ports"
        case .tooManyRules(let backend, let limit):
            "\(backend) would need more than \(limit) rules, since it has no sets"
        case .inexpressible(let backend, let place): "\(backend) can't express \(place)"
        case .unsupportedRule(let rule, let backend, let reason, _):
            "\(backend) can't express the rule '\(rule.rationale.reason)': \(reason)"
        case .limitExceeded(let things, let backend, let limit, _):
            "\(backend) holds at most \(limit) \(things), and the rules need more"
        }
    }
}
