import ArgumentParser
import Diagnostics
import LinuxHost
import PersistenceFiles
import TproxyConfig
import TproxyOperations

struct ExportSystemdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systemd", abstract: "Write a unit that loads the native table at boot.",
        discussion: """
            The unit runs 'tproxy apply' with the configuration files, flags and variables of this \
            command, and with the current host facts. The unit reads the files again at each start and \
            reload; after a change of flags or facts, write the unit again.
            """)

    @OptionGroup var target: ExportTarget

    @Flag(help: "Enable the unit with systemctl, so that it runs at boot.")
    var enable = false

    @OptionGroup var screen: ScreenOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    private var name: String { SystemdUnit.name(of: instance.instance) }

    func run() throws {
        switch try target.action(defaultPath: "\(SystemdUnit.folder)/\(name)") {
        case .print:
            guard !enable else {
                throw OperationFailure(
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
        let unit = try enable ? installableUnit(exported.path) : nil
        exported.report(try exported.write(file))
        if let unit {
            try unit.enable()
            Console.result("enabled \(unit.name)")
            Console.note(
                "it starts at the next boot; to start it now: systemctl start \(unit.name)")
        } else {
            Console.note("to run it at boot: systemctl enable \(exported.path)")
        }
    }

    private func remove(_ exported: ExportedFile) throws {
        guard !enable else { throw OperationFailure(.enableWithRemove()) }
        guard try exported.isOurs() else {
            exported.removeLeftovers()
            Console.result("nothing to remove")
            return
        }
        let unit = try? installableUnit(exported.path)
        try unit?.disable()
        exported.reportRemoval(try exported.remove())
        try unit?.reloadManager()
        Console.note("loaded rules stay until 'tproxy remove'")
    }

    private func installableUnit(_ path: String) throws -> InstallableUnit {
        guard InstallableUnit.hasUnitName(path) else {
            throw OperationFailure(
                .invalidArgument(
                    "--output", path, expected: "a name that ends in .service, or no --enable"))
        }
        return try InstallableUnit(path)
    }

    /// Returns the unit for this host, with its marker.
    private func file() throws -> WrittenFile {
        let plan = try Plan(configuration, facts, instance)
        let (file, notices) = try plan.systemdUnit(
            configurationFiles: configuration.sources.paths,
            dataplane: configuration.sources.dataplane,
            flags: configuration.sources.arguments,
            environment: ProcessEnvironment.variables,
            facts: JSONText.of(plan.facts))
        Console.report(notices)
        return file
    }
}

extension ConfigurationSources {
    /// The flags as the unit gives them.
    fileprivate var arguments: [String] {
        (allowsUnknownKeys ? ["--allow-unknown-keys"] : [])
            + flags.flatMap { flag in flag.values.map { "\(flag.name)=\($0)" } }
    }
}
