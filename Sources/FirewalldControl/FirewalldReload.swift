/// Reloads firewalld after a change of its file, and undoes the change if firewalld fails.
///
/// If iptables refuses one rule, firewalld runs without any direct rule, including foreign ones.
package enum FirewalldReload {
    /// The rules in the kernel after a reload.
    package enum Loaded: Hashable, Sendable {
        case asStored
        /// The rules differ from the stored ones; describes how.
        case different(String)
    }

    /// A reload that was undone.
    package struct Failure: Error, Hashable, Sendable {
        package var cause: Cause
        package var recovery: Recovery
    }

    package enum Cause: Hashable, Sendable {
        /// firewalld refused, with this message.
        case refused(String)
        /// firewalld reported no error, but its state isn't `running`.
        case state(FirewalldState)
        /// firewalld runs, but the rules in the kernel differ from the stored ones.
        case notLoaded(String)
    }

    package enum Recovery: Hashable, Sendable {
        /// The old file is restored, and firewalld runs with it.
        case recovered
        /// The old file is restored, and firewalld fails with it, too.
        case stillFailing(Cause)
        /// The old file couldn't be restored, for this reason.
        case notRestored(String)
    }

    /// Reloads firewalld and checks its state and, with `look`, the loaded rules.
    ///
    /// On failure, restores the old file with `restore` and reloads again. `restore` returns the
    /// reason if it fails.
    package static func run(
        _ firewalld: Firewalld, look: () -> Loaded, restore: () -> String?
    ) throws(Failure) {
        guard let cause = cause(firewalld, look) else { return }
        if let reason = restore() {
            throw Failure(cause: cause, recovery: .notRestored(reason))
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
