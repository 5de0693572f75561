/// Why a backend could not do what it was asked.
package enum BackendError: Error, Hashable, Sendable {
    /// The process lacks a Linux capability, such as `CAP_NET_ADMIN`.
    case missingCapability(String)
    /// The ruleset breaks a rule of its own; nothing was tried.
    case invalidRuleset(RulesetProblem)
    /// The kernel refused; `rule` is the one to blame where that could be found out.
    case refused(reason: String, rule: RefusedRule?)
    /// The kernel or a library lacks something; `remedy` names the version that has it.
    case unsupported(feature: String, remedy: String)
    /// A thing of our name that we didn't make is in the way.
    case foreignObject(name: String)
    /// Another program held the rules for too long.
    case busy(attempts: Int, reason: String)
    /// The kernel would not change an interface's addresses.
    case addressRefused(address: String, interface: String, reason: String)
    /// A library call failed in a way that only its own words describe.
    case failed(operation: String, reason: String)
}

/// A rule that the kernel would not take, in the user's terms.
package struct RefusedRule: Hashable, Sendable {
    package var location: RuleLocation?
    package var rationale: Rationale

    package init(location: RuleLocation?, rationale: Rationale) {
        self.location = location
        self.rationale = rationale
    }
}

/// How long to keep trying when the kernel is busy with somebody else's change.
package struct RetryPolicy: Hashable, Sendable {
    /// How often to try again after the first attempt failed for a passing reason; 0 or more.
    package var maxRetries: Int
    package var sleepBetweenRetries: Duration
    /// How long one attempt may wait for another tproxy to finish.
    ///
    /// Zero: not at all.
    package var wait: Duration
    /// How long to sleep between two looks while waiting.
    ///
    /// Zero: a tenth of a second.
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
