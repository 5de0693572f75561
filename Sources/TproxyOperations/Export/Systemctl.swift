import LinuxHost
import PersistenceFiles

/// Runs systemctl(1), if it is installed.
struct Systemctl {
    private let program: String

    init?() {
        guard let found = ProgramSearch.path(of: "systemctl") else { return nil }
        program = found
    }

    /// Whether systemd is this host's init; the test is that of sd_booted(3).
    var isBooted: Bool {
        FileLocation.exists("/run/systemd/system")
    }

    /// Runs systemctl; throws its error output if it fails.
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

    /// Returns the output of `systemctl is-enabled` for a unit; nil if there is no such unit.
    func enablement(of unit: String) -> String? {
        let run = try? ToolRun(program, ["is-enabled", unit])
        let word = run?.output.split(separator: "\n").first.map(String.init)
        return word == "not-found" ? nil : word
    }
}

/// A unit file that systemctl can enable.
package struct InstallableUnit {
    /// The name of the file and of the unit.
    package let name: String
    private let path: String
    private let systemctl: Systemctl

    /// Whether the path's last component is the name of a service unit.
    package static func hasUnitName(_ path: String) -> Bool {
        let name = lastComponent(of: path)
        return name.hasSuffix(".service") && name != ".service"
    }

    private static func lastComponent(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// Creates the unit; throws if systemctl is not installed.
    package init(_ path: String) throws(OperationFailure) {
        guard let systemctl = Systemctl() else { throw OperationFailure(.noSystemctl()) }
        name = Self.lastComponent(of: path)
        self.path = FileLocation.absolute(path)
        self.systemctl = systemctl
    }

    /// Reloads a running systemd, and links the unit to the targets that start it.
    package func enable() throws(OperationFailure) {
        try reloadManager()
        try systemctl.run(["enable", path])
    }

    /// Undoes `enable`, unless another file of the same name was enabled.
    package func disable() throws(OperationFailure) {
        let installed = FileLocation.resolved("\(SystemdUnit.folder)/\(name)")
        guard installed == FileLocation.resolved(path) else { return }
        try systemctl.run(["disable", name])
    }

    /// Reloads a running systemd; does nothing in an image build, which has none.
    package func reloadManager() throws(OperationFailure) {
        guard systemctl.isBooted else { return }
        try systemctl.run(["daemon-reload"])
    }
}
