import Addressing
import CLinux
package import Diagnostics
import HostFacts
import LinuxHost
import NftablesBackend
package import PersistenceFiles
import RuleIR
import TproxyConfig

/// Exports a plan as files that restore its rules after a reboot.
extension Plan {
    /// An exported file, and diagnostics for the user.
    package typealias Exported = (file: WrittenFile, notices: [Diagnostic])

    /// Returns the nftables table as a file for nftables.conf.
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

    /// Returns a systemd unit that runs this program with the same files, flags and variables.
    ///
    /// `facts` are this plan's facts, in the form that `--facts` takes.
    package func systemdUnit(
        configurationFiles paths: [String], dataplane: String?, flags: [String],
        environment: [String: String], facts: String
    ) throws(OperationFailure) -> Exported {
        try checkExport()
        let files = try Self.lastingPaths(paths)
        let resource = try Self.lastingPaths(dataplane.map { [$0] } ?? [])
        let unit = SystemdUnit(
            instance: ruleset.instance, program: try ThisProgram.path(),
            configurationFiles: files, flags: resource.map { "--dataplane=\($0)" } + flags,
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

    /// Throws for settings that a file with the nftables table can't honour.
    private func checkExport() throws(OperationFailure) {
        var found: [Diagnostic] = []
        if config.ebpf.enabled.value {
            found.append(.noEBPF("an exported file", at: config.ebpf.enabled.origin.location))
        }
        if config.storeFirewalld.value {
            found.append(.storedForFirewalldToo(at: config.storeFirewalld.origin.location))
        }
        if config.dryRun.value {
            found.append(.dryRunExport(at: config.dryRun.origin.location))
        }
        guard found.isEmpty else { throw OperationFailure(found) }
    }

    /// A warning that the file keeps the current DNS servers even if the host's change.
    private var resolversOfNow: Diagnostic? {
        let dns = config.redirect.dns
        guard dns.enabled.value, !dns.captureAll.value, !facts.resolvers.isEmpty else { return nil }
        return .resolversOfNow(facts.resolvers.map(\.description))
    }

    /// Returns the paths for the unit to name; throws the errors of all of them.
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
    /// Returns a path that a unit may name.
    ///
    /// It is the path that the program was called by, which a newer version will have, too. If that
    /// isn't the running file, it is the kernel's path of it.
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
        // The path that execve(2) received, which a shell has already looked up in PATH.
        guard let name = unsafe UnsafePointer<CChar>(bitPattern: getauxval(UInt(AT_EXECFN))) else {
            return []
        }
        return [unsafe String(cString: name)]
    }
}
