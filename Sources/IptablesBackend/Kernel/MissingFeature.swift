import Addressing
import IptablesRules
import RuleIR

// Messages of the programs when the kernel lacks a feature. iptables-nft exits with the same status
// as for a concurrent change.
extension FamilyTables.Refusal {
    /// Whether another attempt would fail in the same way.
    var isLack: Bool {
        Self.isWithoutNfTables(errors)
            || [
                "missing kernel module", "unable to initialize table",
                // The chain is created in the same transaction, so no program can have removed it.
                "(No such file or directory): rule in chain \(IptablesChain.probe)",
            ].contains(where: errors.contains)
    }

    /// Whether iptables-nft's `errors` report that the kernel has no nf_tables.
    static func isWithoutNfTables(_ errors: String) -> Bool {
        // `Could not fetch rule set generation id: Invalid argument`: nfnetlink without nf_tables.
        let absence =
            /(?:generation id|initialize nft): (?:Invalid argument|[A-Za-z ]+ not supported)/
        return errors.contains(absence)
    }

    /// Returns the missing table, or nf_tables if all of it is missing; nil for another error.
    func missingTable(_ tools: Toolset) -> KernelFeature? {
        switch tools.flavour {
        case .nft: return Self.isWithoutNfTables(errors) ? .nfTables : nil
        case .legacy:
            return errors.firstMatch(of: /unable to initialize table '([a-z]+)'/).map {
                .legacyTable(String($0.1), isIPv6: tools.family == .ipv6)
            }
        }
    }
}

extension KernelFeature {
    /// Returns the match or target `name` as the programs of `flavour` need it.
    static func iptablesExtension(_ name: String, for flavour: IptablesFlavour) -> KernelFeature? {
        let feature = iptablesExtension(name)
        return switch flavour {
        case .nft: feature?.throughNfTables
        case .legacy: feature
        }
    }

    /// Returns the match or target that the programs' message `words` reports as missing.
    static func missingExtension(in words: String) -> String? {
        // `Warning: Extension owner revision 0 not supported, missing kernel module?`
        let missing = /Extension ([A-Za-z]+) (?:revision [0-9]+|is) not supported/
        return words.firstMatch(of: missing).map { String($0.1) }
    }
}
