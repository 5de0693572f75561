package import Addressing
import LinuxHost
import IptablesRules
package import RuleIR

/// The iptables tables that may drop packets.
package enum FilterTables {
    /// An existing table can't be read.
    package struct Unreadable: Error {
        package var reason: String
    }

    /// Returns the tables of iptables-legacy, without creating any.
    package static func legacy(paths: [String: String]) throws(Unreadable) -> [FilterTable] {
        do throws(BackendError) {
            var tables: [FilterTable] = []
            for family in AddressFamily.allCases
            where try !LegacyChains.tables(family).isDisjoint(with: names) {
                tables += try LegacyChains.saved(family, paths).tables
                    .filter { names.contains($0.table) }
                    .map { FilterTable($0, .iptablesLegacy, family) }
            }
            return tables
        } catch {
            throw Unreadable(reason: error.reason)
        }
    }

    /// Returns a table of iptables-nft; nil if the program is missing or can't show the table.
    package static func nft(
        _ name: String, _ family: AddressFamily, paths: [String: String]
    ) throws(Unreadable) -> FilterTable? {
        do throws(BackendError) {
            guard let tools = try Toolset.find(.nft, family, paths: paths),
                let saved = try FamilyTables(tools, RetryPolicy()).saved(table: name)
            else { return nil }
            return FilterTable(saved, .iptablesNft, family)
        } catch {
            throw Unreadable(reason: error.reason)
        }
    }

    /// The names of the tables whose rules may drop packets.
    package static let names: Set<String> = ["raw", "mangle", "filter", "security"]
}

extension FamilyTables {
    /// Returns one table; nil if the program reports that it can't show all of it.
    fileprivate func saved(table name: String) throws(BackendError) -> SavedTable? {
        let run: ToolRun
        do throws(ToolRun.Failure) {
            run = try ToolRun(tools.save, ["-t", name])
        } catch {
            throw BackendError(error, of: tools.save)
        }
        guard run.status == 0, let saved = try? SavedText(run.output), saved.isWhole else {
            return nil
        }
        return saved.tables.first { $0.table == name }
    }
}

extension [String] {
    fileprivate func isDisjoint(with names: Set<String>) -> Bool {
        names.isDisjoint(with: self)
    }
}
