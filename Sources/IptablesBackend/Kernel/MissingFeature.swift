import Addressing
import IptablesRules
import RuleIR
import TextSearch

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
            ].contains { errors.contains(text: $0) }
    }

    /// Whether iptables-nft's `errors` report that the kernel has no nf_tables.
    static func isWithoutNfTables(_ errors: String) -> Bool {
        // `Could not fetch rule set generation id: Invalid argument`: nfnetlink without nf_tables.
        // Likewise `Failed to initialize nft: Protocol not supported`.
        errors.split(separator: "\n").contains { line in
            ["generation id: ", "initialize nft: "].contains { start in
                guard let reason = line.dropping(through: start) else { return false }
                return reason.hasPrefix("Invalid argument")
                    || reason.prefix { $0.isLetter || $0 == " " }.contains(text: " not supported")
            }
        }
    }

    /// Returns the missing table, or nf_tables if all of it is missing; nil for another error.
    func missingTable(_ tools: Toolset) -> KernelFeature? {
        switch tools.flavour {
        case .nft: return Self.isWithoutNfTables(errors) ? .nfTables : nil
        case .legacy:
            guard let rest = errors.dropping(through: "unable to initialize table '"),
                let end = rest.firstIndex(of: "'")
            else { return nil }
            return .legacyTable(String(rest[..<end]), isIPv6: tools.family == .ipv6)
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
        for line in words.split(separator: "\n") {
            guard let message = line.dropping(through: "Extension ") else { continue }
            let parts = message.split(separator: " ")
            let reason = parts.dropFirst(parts.dropFirst().first == "revision" ? 3 : 2)
            guard reason.first == "not", reason.dropFirst().first?.hasPrefix("supported") ?? false
            else { continue }
            return parts.first.map(String.init)
        }
        return nil
    }
}
