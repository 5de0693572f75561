import CLinux
package import RuleIR

/// Whether this process was stopped, as by SIGSTOP or Ctrl-Z, and continued.
///
/// `remove` doesn't wait for a process that is stopped. So who was stopped looks again.
enum StopWatch {
    private static let isRunning: Bool = {
        clinux_watch_stops()
        return true
    }()

    /// Runs `change`; once more whenever the process was stopped meanwhile.
    static func unstopped<Outcome: ChangeOutcome>(
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

/// What a change came to.
package protocol ChangeOutcome {
    /// Whether the kernel was touched.
    var isChange: Bool { get }
}

extension ApplyOutcome: ChangeOutcome {
    package var isChange: Bool {
        switch self {
        case .installed, .replaced: true
        case .unchanged: false
        }
    }
}

extension RemoveOutcome: ChangeOutcome {
    package var isChange: Bool {
        switch self {
        case .removed: true
        case .nothingInstalled: false
        }
    }
}
