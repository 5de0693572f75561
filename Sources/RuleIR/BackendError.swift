/// An error of a backend's operation.
package enum BackendError: Error, Hashable, Sendable {
    /// The process lacks a Linux capability, such as `CAP_NET_ADMIN`, to read or change rules.
    case missingCapability(String, isReading: Bool)
    /// The ruleset is invalid; nothing was tried.
    case invalidRuleset(RulesetProblem)
    /// The kernel refused the change; `rule` is the refused rule if it could be found.
    case refused(reason: String, rule: RefusedRule?)
    /// The kernel or a library lacks a feature; `remedy` names the version that has it.
    case unsupported(feature: String, remedy: String)
    /// Something of the host can't be used, such as a path that is of another kind.
    case unusable(String, reason: String, remedy: String)
    /// A foreign object has a name that we use.
    case foreignObject(name: String)
    /// Another program kept changing or holding the rules for too long.
    case busy(attempts: Int, reason: String)
    /// The kernel refused to change an interface's addresses.
    case addressRefused(address: String, interface: String, reason: String)
    /// A library call failed; only its own message describes the error.
    case failed(operation: String, reason: String)

    /// The reason as a part of a sentence, without the remedy.
    package var reason: String {
        switch self {
        case .refused(let reason, _), .busy(_, let reason), .addressRefused(_, _, let reason),
            .failed(_, let reason):
            reason
        case .missingCapability(let name, _): "it needs \(name)"
        case .unusable(let name, let reason, _): "\(name): \(reason)"
        case .unsupported(let feature, _): feature
        case .foreignObject(let name): "\(name) isn't tproxy's"
        case .invalidRuleset(let problem): "\(problem)"
        }
    }
}

/// A rule that the kernel refused, in the user's terms.
package struct RefusedRule: Hashable, Sendable {
    package var location: RuleLocation?
    package var rationale: Rationale

    package init(location: RuleLocation?, rationale: Rationale) {
        self.location = location
        self.rationale = rationale
    }
}

/// The limits of retries while another program changes the rules.
package struct RetryPolicy: Hashable, Sendable {
    /// The number of attempts after the first one failed for a temporary reason; 0 or more.
    package var maxRetries: Int
    package var sleepBetweenRetries: Duration
    /// The maximum time that one attempt waits for another tproxy to finish.
    ///
    /// Zero means not to wait.
    package var wait: Duration
    /// The interval between two checks while waiting.
    ///
    /// Zero means a tenth of a second.
    package var waitInterval: Duration

    package init(
        maxRetries: Int = 4, sleepBetweenRetries: Duration = .seconds(2),
        wait: Duration = .seconds(5), waitInterval: Duration = .zero
    ) {
        self.maxRetries = maxRetries
        self.sleepBetweenRetries = sleepBetweenRetries
        self.wait = wait
        self.waitInterval = waitInterval
    }
}
