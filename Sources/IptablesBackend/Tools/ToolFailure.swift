import LinuxHost
import RuleIR

extension BackendError {
    /// What it means that nobody knows what `program` did.
    init(_ failure: ToolRun.Failure, of program: String) {
        self = .busy(attempts: 1, reason: "'\(program)': \(failure.reason)")
    }
}
