import CLinux
package import RuleIR

/// Detects that this process was stopped, as by SIGSTOP or Ctrl-Z, and continued.
///
/// `remove` passes a stopped process, so a process that was stopped must read the rules again.
enum StopWatch {
    private static let isRunning: Bool = {
        clinux_watch_stops()
        return true
    }()

    /// Runs `change`, and repeats it whenever the process was stopped during it.
    static func repeatingIfStopped<Outcome: ChangeOutcome>(
        _ change: () throws(BackendError) -> Outcome
    ) throws(BackendError) -> Outcome {
        guard isRunning else { return try change() }
        var made: Outcome?
        while true {
            let stops = clinux_stops()
            do throws(BackendError) {
                let outcome = try change()
                made = made.map { outcome.isChange ? outcome : $0 } ?? outcome
            } catch {
                guard clinux_stops() != stops else { throw error }
                continue
            }
            if clinux_stops() == stops, let made { return made }
        }
    }
}

/// The result of a change.
package protocol ChangeOutcome {
    /// Whether the change modified the kernel's rules.
    var isChange: Bool { get }
}

extension ApplyOutcome: ChangeOutcome {
    package var isChange: Bool { change != .unchanged }
}

extension RemoveOutcome: ChangeOutcome {
    package var isChange: Bool {
        switch self {
        case .removed: true
        case .nothingInstalled: false
        }
    }
}

extension RestoreOutcome: ChangeOutcome {
    package var isChange: Bool { self == .restored }
}
