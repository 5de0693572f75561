/// Why a rehearsal could not take place.
package enum RehearsalError: Error, Hashable, Sendable {
    /// The process lacks the Linux capability that the step needs.
    case notPermitted(step: String)
    /// A step of setting the namespaces up failed; `reason` is the system's word.
    case setUpFailed(step: String, reason: String)
}
