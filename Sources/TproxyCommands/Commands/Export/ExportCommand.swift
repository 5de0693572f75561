import ArgumentParser
import PersistenceFiles
import RuleIR
import TproxyOperations

struct ExportCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write files that load the rules after a reboot.",
        subcommands: [
            ExportNftablesCommand.self, ExportSystemdCommand.self, ExportFirewalldCommand.self,
        ])
}

struct ExportNftablesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nftables", abstract: "Write the native table to a file for nftables.conf.",
        discussion: """
            'nft -f' of it loads the rules of 'tproxy apply', but not the address ::6 on the loopback \
            interface. After a change of the configuration, write it again.
            """)

    @OptionGroup var target: ExportTarget
    @OptionGroup var screen: ScreenOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        switch try target.action(defaultPath: NftablesFile.path(of: instance.instance)) {
        case .print:
            Console.document(try file().text)
        case .write(let exported):
            let file = try file()
            if exported.isDefault { try ExportedFile.makeFolderOfTables() }
            exported.report(try exported.write(file))
            Console.report(NftablesService().diagnostics(of: exported.path))
        case .remove(let exported):
            guard try exported.isOurs() else {
                exported.removeLeftovers()
                Console.result("nothing to remove")
                return
            }
            exported.reportRemoval(try exported.remove())
            Console.note("loaded rules stay until 'tproxy remove'")
        }
    }

    /// Returns the table for this host, with its marker.
    private func file() throws -> WrittenFile {
        let (file, notices) = try Plan(configuration, facts, instance).nftablesFile()
        Console.report(notices)
        return file
    }
}
