/// A backend that can put back the rules that were loaded at an earlier moment.
package protocol RestoringBackend: Backend {
    /// Returns all that the kernel holds of `instance`, for `restore`.
    ///
    /// Throws `unsupported` if the kernel wouldn't take it again. Changes nothing.
    func snapshot(of instance: InstanceName) throws(BackendError) -> RulesSnapshot

    /// Loads what `snapshot` has in place of the rules that are loaded now.
    ///
    /// Prerequisites stay as they are. A snapshot without rules removes those of `instance`.
    func restore(
        _ snapshot: RulesSnapshot, of instance: InstanceName
    ) throws(BackendError) -> RestoreOutcome
}

extension RestoringBackend {
    package var restorer: (any RestoringBackend)? { self }
}

/// The rules of an instance at one moment, in a form that only its backend reads.
package struct RulesSnapshot: Hashable, Sendable {
    package var bytes: [UInt8]
    /// Whether rules of the instance were loaded.
    package var holdsRules: Bool

    package init(bytes: [UInt8], holdsRules: Bool) {
        self.bytes = bytes
        self.holdsRules = holdsRules
    }
}

package enum RestoreOutcome: Hashable, Sendable {
    /// The kernel was changed.
    case restored
    /// The rules were loaded already, or there were none to remove.
    case unchanged
}
