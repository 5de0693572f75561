/// An error that prevents a rehearsal.
package enum RehearsalError: Error, Hashable, Sendable {
    /// The process lacks the capability that the step needs.
    case notPermitted(step: String)
    /// A step of the setup failed; `reason` is the system's message.
    case setUpFailed(step: String, reason: String)
}
