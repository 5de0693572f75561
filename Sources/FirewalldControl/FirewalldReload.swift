/// A reload after a file of firewalld's was changed; undone when firewalld doesn't take it.
///
/// One rule that iptables refuses, and firewalld runs without any direct rule, also those of others.
package enum FirewalldReload {
    /// What the kernel holds after a reload.
    package enum Loaded: Hashable, Sendable {
        case asStored
        /// In what it differs from what was stored.
        case different(String)
    }

    /// Why the reload was undone, and how that went.
    package struct Failure: Error, Hashable, Sendable {
        package var cause: Cause
        package var recovery: Recovery
    }

    package enum Cause: Hashable, Sendable {
        /// firewalld's own words.
        case refused(String)
        /// It said nothing, and is in another state than `running`.
        case state(FirewalldState)
        /// It runs, and the rules in the kernel aren't those that were stored.
        case notLoaded(String)
    }

    package enum Recovery: Hashable, Sendable {
        /// The old file is in its place, and firewalld runs with it.
        case recovered
        /// The old file is in its place, and firewalld doesn't run with it either.
        case stillFailing(Cause)
        /// The file could not be put back; why.
        case notPutBack(String)
    }

    /// Reloads, looks at the state and lets `look` see what was loaded; puts the old file back and
    /// reloads again unless all is well.
    ///
    /// `putBack` answers why it could not.
    package static func run(
        _ firewalld: Firewalld, look: () -> Loaded, putBack: () -> String?
    ) throws(Failure) {
        guard let cause = cause(firewalld, look) else { return }
        if let reason = putBack() {
            throw Failure(cause: cause, recovery: .notPutBack(reason))
        }
        let second = reload(firewalld)
        throw Failure(cause: cause, recovery: second.map { .stillFailing($0) } ?? .recovered)
    }

    private static func cause(_ firewalld: Firewalld, _ look: () -> Loaded) -> Cause? {
        if let cause = reload(firewalld) { return cause }
        return switch look() {
        case .asStored: nil
        case .different(let words): .notLoaded(words)
        }
    }

    private static func reload(_ firewalld: Firewalld) -> Cause? {
        do {
            try firewalld.reload()
        } catch {
            return .refused(error.words)
        }
        let state = firewalld.state()
        return state == .running ? nil : .state(state)
    }
}
