import Addressing
import Glibc
import LinuxHost
import IptablesRules
package import RuleIR

/// Reads the chains of all programs in iptables-legacy's tables, which nf_tables doesn't list.
package enum LegacyChains {
    /// Existing tables can't be read.
    package struct Unreadable: Error {
        package var reason: String
    }

    private static let redirectingTargets: Set<String> = ["DNAT", "REDIRECT", "TPROXY"]

    /// Returns the chains of the tables that the kernel has, without creating any.
    ///
    /// Needs root: only root may read the list of tables.
    package static func chains(paths: [String: String]) throws(Unreadable) -> [LoadedChain] {
        var chains: [LoadedChain] = []
        do throws(BackendError) {
            for family in AddressFamily.allCases where try !tables(family).isEmpty {
                chains += try saved(family, paths).tables.flatMap { table in
                    table.chains.map { chain($0, table, family) }
                }
            }
        } catch {
            throw Unreadable(reason: error.reason)
        }
        return chains
    }

    /// Returns the legacy tables of a family; throws if their programs are missing.
    static func saved(
        _ family: AddressFamily, _ paths: [String: String]
    ) throws(BackendError) -> SavedText {
        guard let tools = try Toolset.find(.legacy, family, paths: paths) else {
            throw .failed(
                operation: "reading the legacy tables",
                reason: "the host has legacy tables, but iptables-legacy isn't installed")
        }
        return try FamilyTables(tools, RetryPolicy()).saved()
    }

    /// Returns the names of the kernel's tables of a family; only root may read them.
    static func tables(_ family: AddressFamily) throws(BackendError) -> [String] {
        let names = family == .ipv4 ? "ip_tables_names" : "ip6_tables_names"
        do throws(ReadFailure) {
            return try KernelFile.contents(of: "/proc/thread-self/net/\(names)")
                .split(separator: "\n").map(String.init).sorted()
        } catch {
            switch error {
            // A kernel without ip_tables has no such file.
            case .system(code: ENOENT): return []
            case .system(code: EACCES), .system(code: EPERM):
                throw .failed(operation: "listing the legacy tables", reason: "it needs root")
            case _: throw .busy(attempts: 1, reason: "'\(names)': \(error.reason)")
            }
        }
    }

    private static func chain(
        _ name: String, _ table: SavedTable, _ family: AddressFamily
    ) -> LoadedChain {
        let rules = table.rules(of: name)
        let targets = rules.compactMap { $0.rule.target.dropFirst().first }
        var chain = LoadedChain(
            engine: .legacy, family: family == .ipv4 ? .ip : .ip6, table: table.table, name: name,
            base: HookAttachment(builtIn: name, table.table).map(LoadedChain.Base.init),
            uses: rules.count)
        chain.jumps = Set(targets.filter(table.chains.contains))
        chain.redirects = !redirectingTargets.isDisjoint(with: targets)
        chain.rejects = targets.contains("REJECT")
        return chain
    }
}
