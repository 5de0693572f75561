import Diagnostics
package import Glibc
import LinuxHost

/// What restores the former rules at the deadline, whatever becomes of the process that started it.
package enum ChangeGuard: Hashable, Sendable {
    /// A transient timer of systemd.
    case systemd(unit: String)
    /// Detached processes: one restores the rules even if the other is killed.
    case processes([pid_t])

    package var words: String {
        switch self {
        case .systemd(let unit): "systemd timer \(unit)"
        case .processes(let processes):
            (processes.count == 1 ? "process " : "processes ")
                + processes.map(String.init).joined(separator: " and ")
        }
    }

    /// The number of detached processes.
    private static let count = 2
    /// The name of the hidden options with which a guard is started.
    package static let idOption = "--expired"
    package static let detachedOption = "--detached"

    /// Starts a guard for the change, whose record is written.
    static func start(for pending: PendingChange) throws(OperationFailure) -> ChangeGuard {
        if let timer = startTimer(for: pending) { return timer }
        var processes: [pid_t] = []
        for _ in 0..<count {
            do {
                processes.append(
                    try DetachedProcess.start(
                        ["rollback", idOption, pending.id, detachedOption]))
            } catch {
                throw OperationFailure(.guardNotStarted(error.reason))
            }
        }
        return .processes(processes)
    }

    /// Starts a timer; nil where systemd doesn't run, or runs in another network namespace.
    private static func startTimer(for pending: PendingChange) -> ChangeGuard? {
        guard Systemctl()?.isBooted == true, pending.namespace.isOfInit,
            let program = ProgramFile.path, let starter = ProgramSearch.path(of: "systemd-run")
        else { return nil }
        let now = BootTime.now.nanoseconds
        let delay = pending.deadline.nanoseconds - min(now, pending.deadline.nanoseconds)
        let unit = "tproxy-rollback-\(pending.id)"
        let settings = ["XTABLES_LOCKFILE", "XTABLES_LIBDIR"].compactMap { name in
            ProcessEnvironment.variables[name].map { "--setenv=\(name)=\($0)" }
        }
        let run = try? ToolRun(
            starter,
            [
                "--quiet", "--collect", "--unit=\(unit)", "--on-active=\(delay / 1000)us",
                "--timer-property=AccuracySec=100ms",
                "--description=Restore the rules from before 'tproxy apply --confirm'",
            ] + settings + ["--", program, "rollback", idOption, pending.id])
        guard run?.status == 0 else { return nil }
        return .systemd(unit: "\(unit).timer")
    }

    /// Stops a timer; processes end when they see that the record is gone.
    func stop() {
        switch self {
        case .systemd(let unit): try? Systemctl()?.run(["stop", unit])
        case .processes: return
        }
    }
}
