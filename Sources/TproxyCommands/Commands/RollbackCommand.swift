import ArgumentParser
import LinuxHost
import TproxyOperations

struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Restore the rules from before 'apply --confirm' at once.",
        discussion: """
            Restores the rules of every backend, or none, and the addresses that belong to them. \
            Exits 1 when nothing waits for confirmation.
            """)

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var screen: ScreenOptions

    // How a guard is started (`ChangeGuard`).
    @Option(help: .hidden) var expired: String?
    @Flag(help: .hidden) var detached = false

    func validate() throws {
        guard !detached || expired != nil else {
            throw ValidationError("--detached is for --expired alone")
        }
    }

    func run() throws {
        if let expired { return try guardChange(expired) }
        let (pending, restored) = try PendingDecision.rollBack { Console.report([$0]) }
        let report = RollbackReport(pending, restored)
        switch output {
        case .text: Console.result(report.text)
        case .json: try Console.document(report)
        }
    }

    /// Waits for the deadline of a change, and restores the former rules.
    private func guardChange(_ id: String) throws {
        guard detached else {
            _ = try PendingDecision.expire(id)
            return
        }
        DetachedProcess.detach()
        _ = try PendingDecision.expire(id) { DetachedProcess.isReady() }
    }
}
