import Addressing
import CLinux
package import Diagnostics
import HostFacts
import LinuxHost
import NftablesBackend
package import PersistenceFiles
import RuleIR
import TproxyConfig

/// What brings a plan's rules back after a reboot, as files.
extension Plan {
    /// A file of ours and what the user should know of it.
    package typealias Exported = (file: WrittenFile, notices: [Diagnostic])

    /// The native table as a file for nftables.conf.
    package func nftablesFile() throws(OperationFailure) -> Exported {
        try checkExport()
        let emission = try nftables()
        let file = WrittenFile(
            NftablesFile.body(
                table: emission.text, digest: emission.digest, of: ruleset.instance),
            version: tproxyVersion)
        let missing = ruleset.prerequisites.map { Diagnostic.prerequisiteNotInFile($0) }
        return (file, [resolversOfNow].compactMap { $0 } + missing)
    }

    /// A unit for systemd that runs this program with the same files, flags and variables.
    ///
    /// `facts` are this plan's, in the form that `--facts` takes.
    package func systemdUnit(
        configurationFiles paths: [String], flags: [String], environment: [String: String],
        facts: String
    ) throws(OperationFailure) -> Exported {
        try checkExport()
        let files = try Self.lastingPaths(paths)
        let unit = SystemdUnit(
            instance: ruleset.instance, program: try ThisProgram.path(),
            configurationFiles: files, flags: flags,
            environment: ConfigurationKey.all.map(\.environmentVariable).sorted().compactMap {
                name in environment[name].map { SystemdUnit.Variable(name, $0) }
            }, facts: facts)
        do {
            let file = WrittenFile(try unit.body(), version: tproxyVersion)
            return (file, [resolversOfNow].compactMap { $0 })
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    /// What of the configuration doesn't go with a file that loads the native table.
    private func checkExport() throws(OperationFailure) {
        var found: [Diagnostic] = []
        if config.ebpf.enabled.value {
            found.append(.noEBPF(at: config.ebpf.enabled.origin.location))
        }
        if config.storeFirewalld.value {
            found.append(.storedForFirewalldToo(at: config.storeFirewalld.origin.location))
        }
        if config.dryRun.value {
            found.append(.dryRunExport(at: config.dryRun.origin.location))
        }
        guard found.isEmpty else { throw OperationFailure(found) }
    }

    /// A warning that the file will name the DNS servers of now when the host has others.
    private var resolversOfNow: Diagnostic? {
        let dns = config.redirect.dns
        guard dns.enabled.value, !dns.captureAll.value, !facts.resolvers.isEmpty else { return nil }
        return .resolversOfNow(facts.resolvers.map(\.description))
    }

    /// The files as the unit names them; throws what is wrong with all of them.
    private static func lastingPaths(_ paths: [String]) throws(OperationFailure) -> [String] {
        var found: [String] = []
        var diagnostics: [Diagnostic] = []
        for path in paths {
            do {
                found.append(try LastingPath.resolve(path, for: .read))
            } catch {
                diagnostics.append(error.diagnostic(of: path))
            }
        }
        guard diagnostics.isEmpty else { throw OperationFailure(diagnostics) }
        return found
    }
}

/// The file that this process runs.
private enum ThisProgram {
    /// The path that a unit may name: the one it was called by, which a newer version will have too,
    /// and otherwise what the kernel says.
    static func path() throws(OperationFailure) -> String {
        let running = FileLocation.resolved("/proc/self/exe")
        let called = candidates.first { FileLocation.resolved($0) == running }
        let path = called ?? running
        do {
            return try LastingPath.resolve(path, for: .execute)
        } catch {
            throw OperationFailure(error.diagnostic(ofProgram: path))
        }
    }

    private static var candidates: [String] {
        // The path that execve(2) was given, where a shell has looked through PATH already.
        guard let name = unsafe UnsafePointer<CChar>(bitPattern: getauxval(UInt(AT_EXECFN))) else {
            return []
        }
        return [unsafe String(cString: name)]
    }
}
