import ArgumentParser
import Diagnostics
import FoundationEssentials
import PersistenceFiles
import TproxyConfig

struct ExportSystemdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systemd", abstract: "Write a unit that loads the native table at boot.",
        discussion: """
            The unit runs 'tproxy apply' with the configuration files, flags and variables of this \
            command, and with the host facts of now. The files are read again at each start and \
            reload; for other flags or facts, write the unit again.
            """)

    @OptionGroup var target: ExportTarget

    @Flag(help: "Enable it with systemctl, so that it runs at boot.")
    var enable = false

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    private var name: String { SystemdUnit.name(of: instance.instance) }

    func run() throws {
        switch try target.action(defaultPath: "\(SystemdUnit.folder)/\(name)") {
        case .print:
            guard !enable else {
                throw CommandFailure(
                    .invalidArgument("--output", "-", expected: "a file that can be enabled"))
            }
            Console.document(try file().text)
        case .write(let exported):
            try write(exported)
        case .remove(let exported):
            try remove(exported)
        }
    }

    private func write(_ exported: ExportedFile) throws {
        let file = try file()
        let unit = enable ? try InstallableUnit(exported.path) : nil
        try exported.write(file)
        if let unit {
            try unit.enable()
            Console.result("enabled \(unit.name)")
            Console.note("it starts at the next boot; now: systemctl start \(unit.name)")
        } else {
            Console.note("to run it at boot: systemctl enable \(exported.path)")
        }
    }

    private func remove(_ exported: ExportedFile) throws {
        guard !enable else { throw CommandFailure(.enableWithRemove()) }
        guard try exported.isOurs() else {
            exported.removeLeftovers()
            Console.result("nothing to remove")
            return
        }
        let unit = try? InstallableUnit(exported.path)
        try unit?.disable()
        try exported.remove()
        try unit?.reloadManager()
        Console.note("rules that are loaded stay until 'tproxy remove'")
    }

    /// The unit for this host, with its marker.
    private func file() throws -> WrittenFile {
        let plan = try Plan(configuration, facts, instance)
        let refusals = plan.exportRefusals
        guard refusals.isEmpty else { throw CommandFailure(refusals) }
        let configurationFiles = try configuration.lastingPaths()
        let unit = SystemdUnit(
            instance: instance.instance, program: try ThisProgram.path(),
            configurationFiles: configurationFiles, flags: configuration.arguments,
            environment: configuration.variables, facts: try JSONText.of(plan.facts))
        do {
            let file = WrittenFile(try unit.body(), version: tproxyVersion)
            Console.report([plan.resolversOfNow].compactMap { $0 })
            return file
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}

extension ConfigurationOptions {
    /// The files as the unit names them; throws what is wrong with all of them.
    fileprivate func lastingPaths() throws(CommandFailure) -> [String] {
        var found: [String] = []
        var diagnostics: [Diagnostic] = []
        for path in paths {
            do {
                found.append(try LastingPath.resolve(path, for: .read))
            } catch {
                diagnostics.append(error.diagnostic(of: path))
            }
        }
        guard diagnostics.isEmpty else { throw CommandFailure(diagnostics) }
        return found
    }

    /// The flags as the unit gives them.
    fileprivate var arguments: [String] {
        (allowUnknownKeys ? ["--allow-unknown-keys"] : [])
            + flags.flatMap { flag in flag.values.map { "\(flag.name)=\($0)" } }
    }

    /// The environment variables that count.
    fileprivate var variables: [SystemdUnit.Variable] {
        ConfigurationKey.all.map(\.environmentVariable).sorted().compactMap { name in
            ProcessInfo.processInfo.environment[name].map { SystemdUnit.Variable(name, $0) }
        }
    }
}
