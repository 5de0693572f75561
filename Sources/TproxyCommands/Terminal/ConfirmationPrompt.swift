import Glibc
import LinuxHost
import TproxyOperations

/// Asks on a terminal whether new rules stay, until the deadline.
struct ConfirmationPrompt {
    let pending: PendingChange

    /// Whether a person can see the question and answer it.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Waits for Enter or the deadline; throws if the rules were not confirmed.
    ///
    /// If the terminal goes away, the guard alone waits.
    func run() throws {
        signal(SIGHUP, SIG_IGN)
        Console.result("press Enter within \(pending.deadline.secondsLeft) s to keep the new rules")
        switch try PendingWait(for: pending).wait(orFor: STDIN_FILENO) {
        case .input:
            guard isAnswered() else { return }
            Console.result(
                "confirmed: the new rules stay (\(ConfirmReport(try PendingDecision.confirm()).words))"
            )
        case .deadline:
            _ = try PendingDecision.expire(pending.id)
            throw OperationFailure(.notConfirmed())
        case .decided:
            guard !pending.isOverdue else { throw OperationFailure(.notConfirmed()) }
            Console.result("another tproxy has confirmed the rules, or restored the former ones")
        }
    }

    /// Reads a line; returns false at the end of the input.
    private func isAnswered() -> Bool {
        while true {
            let character = getchar()
            if character < 0 { return false }
            if character == 0x0A { return true }
        }
    }
}
