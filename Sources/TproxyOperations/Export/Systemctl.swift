import LinuxHost
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
        FileLocation.exists("/run/systemd/system")
    }

    /// Runs it; throws what it complains of.
    func run(_ arguments: [String]) throws(OperationFailure) {
        let words = (["systemctl"] + arguments).joined(separator: " ")
        let run: ToolRun
        do {
            run = try ToolRun(program, arguments)
        } catch {
            throw OperationFailure(.programFailed(words, error.reason))
        }
        guard run.status == 0 else { throw OperationFailure(.programFailed(words, run.errors)) }
    }

    /// What `systemctl is-enabled` says of a unit; nil where there is none.
    func enablement(of unit: String) -> String? {
        let run = try? ToolRun(program, ["is-enabled", unit])
        let word = run?.output.split(separator: "\n").first.map(String.init)
        return word == "not-found" ? nil : word
    }
}

/// A unit file that systemctl can enable.
package struct InstallableUnit {
    /// The file's name, which is the unit's.
    package let name: String
    private let path: String
    private let systemctl: Systemctl

    /// Whether the file has the name of a service.
    package static func hasUnitName(_ path: String) -> Bool {
        let name = lastComponent(of: path)
        return name.hasSuffix(".service") && name != ".service"
    }

    private static func lastComponent(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// Throws where there is no systemctl.
    package init(_ path: String) throws(OperationFailure) {
        guard let systemctl = Systemctl() else { throw OperationFailure(.noSystemctl()) }
        name = Self.lastComponent(of: path)
        self.path = FileLocation.absolute(path)
        self.systemctl = systemctl
    }

    /// Links it to the targets that start it, and lets a running systemd know.
    package func enable() throws(OperationFailure) {
        try reloadManager()
        try systemctl.run(["enable", path])
    }

    /// Undoes `enable`, where it is this file that was enabled and not another of its name.
    package func disable() throws(OperationFailure) {
        let installed = FileLocation.resolved("\(SystemdUnit.folder)/\(name)")
        guard installed == FileLocation.resolved(path) else { return }
        try systemctl.run(["disable", name])
    }

    /// An image that is being built has no systemd that would have to know.
    package func reloadManager() throws(OperationFailure) {
        guard systemctl.isBooted else { return }
        try systemctl.run(["daemon-reload"])
    }
}
