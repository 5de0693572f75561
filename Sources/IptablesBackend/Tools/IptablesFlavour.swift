import Addressing
import IptablesRules
package import RuleIR

/// The two implementations of iptables.
package enum IptablesFlavour: String, Hashable, Sendable, CaseIterable {
    /// Rules go into nf_tables, in tables that iptables-nft creates.
    case nft
    /// Rules go into ip_tables, the kernel's older mechanism.
    case legacy

    /// The name, `iptables-nft` or `iptables-legacy`.
    package var name: String { "iptables-\(rawValue)" }
}

extension IptablesFlavour {
    /// The program that firewalld runs to load direct rules, of either flavour.
    package static let firewalldProgram = "/usr/sbin/iptables-restore"

    /// Returns the flavour that firewalld uses; nil if its program is missing.
    package static func ofFirewalld() throws(BackendError) -> Self? {
        try Toolset.flavour(of: firewalldProgram)
    }

    /// Returns the flavour that this host uses, as Kuma chooses it; nil if neither is installed.
    ///
    /// If both are installed, it is the one with Docker's rules. Otherwise it is legacy if only
    /// legacy has rules, else nft. Reading creates no table.
    package static func preferred(paths: [String: String]) throws(BackendError) -> Self? {
        let nft = try Toolset.find(.nft, .ipv4, paths: paths)
        let legacy = try Toolset.find(.legacy, .ipv4, paths: paths)
        guard let nft else { return legacy.map { _ in .legacy } }
        guard let legacy else { return .nft }
        let inNft = try FamilyTables(nft, RetryPolicy()).state()
        let inLegacy = try FamilyTables(legacy, RetryPolicy()).state()
        if inNft.hasDocker != inLegacy.hasDocker { return inNft.hasDocker ? .nft : .legacy }
        let isInUse = { (state: FamilyState) in state.foreignRules > 0 || !state.isEmpty }
        return isInUse(inLegacy) && !isInUse(inNft) ? .legacy : .nft
    }
}
