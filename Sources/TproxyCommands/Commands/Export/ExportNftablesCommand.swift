import ArgumentParser
import Diagnostics
import FaultPoints
import Glibc
import NftablesBackend
import PersistenceFiles
import RuleIR

struct ExportNftablesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nftables", abstract: "Write the native table to a file for nftables.conf.",
        discussion: """
            'nft -f' of it loads what 'tproxy apply' would, but for the address ::6 on the loopback \
            interface. It holds the rules of now: for others, write it again.
            """)

    @OptionGroup var target: ExportTarget
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        switch try target.action(defaultPath: NftablesFile.path(of: instance.instance)) {
        case .print:
            Console.document(try file().text)
        case .write(let exported):
            let file = try file()
            if exported.isDefault { try makeFolder() }
            try exported.write(file)
            Console.report(NftablesService().diagnostics(of: exported.path))
        case .remove(let exported):
            guard try exported.isOurs() else {
                exported.removeLeftovers()
                Console.result("nothing to remove")
                return
            }
            try exported.remove()
            Console.note("rules that are loaded stay until 'tproxy remove'")
        }
    }

    private func makeFolder() throws {
        let folder = NftablesFile.folder
        guard systemCall(.folderMake, { unsafe mkdir(folder, 0o755) }) != 0 else {
            _ = unsafe chmod(folder, 0o755)
            return
        }
        guard errno != EEXIST else { return }
        throw CommandFailure(
            .noFolder(folder, because: unsafe String(cString: strerror(errno))))
    }

    /// The table for this host, with its marker.
    private func file() throws -> WrittenFile {
        let plan = try Plan(configuration, facts, instance)
        let refusals = plan.exportRefusals
        guard refusals.isEmpty else { throw CommandFailure(refusals) }
        let emission = try plan.emission()
        let warnings = [
            plan.resolversOfNow, plan.ruleset.loopbackAlias.map { .aliasNotInFile($0) },
        ]
        Console.report(warnings.compactMap { $0 })
        return WrittenFile(
            NftablesFile.body(
                table: emission.text, digest: emission.digest, of: instance.instance),
            version: tproxyVersion)
    }
}
