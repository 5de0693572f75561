import FoundationEssentials
import HostPrograms
import PersistenceFiles

/// systemctl(1), where it is installed.
struct Systemctl {
    private let program: String

    init?() {
        guard let found = ProgramSearch.path(of: "systemctl") else { return nil }
        program = found
    }

    /// Whether systemd is this host's init, as sd_booted(3) has it.
    var isBooted: Bool {
        FileManager.default.fileExists(atPath: "/run/systemd/system")
    }

    /// Runs it; throws what it complains of.
    func run(_ arguments: [String]) throws(CommandFailure) {
        let words = (["systemctl"] + arguments).joined(separator: " ")
        let run: ToolRun
        do {
            run = try ToolRun(program, arguments)
        } catch {
            throw CommandFailure(.programFailed(words, error.reason))
        }
        guard run.status == 0 else { throw CommandFailure(.programFailed(words, run.errors)) }
    }

    /// What `systemctl is-enabled` says of a unit; nil where there is none.
    func enablement(of unit: String) -> String? {
        let run = try? ToolRun(program, ["is-enabled", unit])
        let word = run?.output.split(separator: "\n").first.map(String.init)
        return word == "not-found" ? nil : word
    }
}

/// A unit file that systemctl can enable.
struct InstallableUnit {
    /// The file's name, which is the unit's.
    let name: String
    private let path: String
    private let systemctl: Systemctl

    /// Throws where there is no systemctl, or the file has no service's name.
    init(_ path: String) throws(CommandFailure) {
        let url = URL(fileURLWithPath: path)
        guard url.pathExtension == "service" else {
            throw CommandFailure(
                .invalidArgument(
                    "--output", path, expected: "a name that ends in .service, or no --enable"))
        }
        guard let systemctl = Systemctl() else { throw CommandFailure(.noSystemctl()) }
        name = url.lastPathComponent
        self.path = url.path
        self.systemctl = systemctl
    }

    /// Links it to the targets that start it, and lets a running systemd know.
    func enable() throws(CommandFailure) {
        try reloadManager()
        try systemctl.run(["enable", path])
    }

    /// Undoes `enable`, where it is this file that was enabled and not another of its name.
    func disable() throws(CommandFailure) {
        let installed = URL(fileURLWithPath: "\(SystemdUnit.folder)/\(name)")
        guard
            installed.resolvingSymlinksInPath().path
                == URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        else { return }
        try systemctl.run(["disable", name])
    }

    /// An image that is being built has no systemd that would have to know.
    func reloadManager() throws(CommandFailure) {
        guard systemctl.isBooted else { return }
        try systemctl.run(["daemon-reload"])
    }
}
