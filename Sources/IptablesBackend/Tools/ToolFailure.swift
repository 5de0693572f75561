import LinuxHost
import RuleIR

extension BackendError {
    /// Creates the error for a run of `program` whose result is unknown.
    init(_ failure: ToolRun.Failure, of program: String) {
        self = .busy(attempts: 1, reason: "'\(program)': \(failure.reason)")
    }
}
