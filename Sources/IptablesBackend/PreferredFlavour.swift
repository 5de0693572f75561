import Addressing
import IptablesRules
package import RuleIR

extension IptablesFlavour {
    /// By this path firewalld calls what loads direct rules, whichever flavour it is.
    package static let firewalldProgram = "/usr/sbin/iptables-restore"

    /// The flavour that firewalld uses; nil where its program is missing.
    package static func ofFirewalld() throws(BackendError) -> Self? {
        try Toolset.flavour(of: firewalldProgram)
    }

    /// The flavour that this host uses, as Kuma chooses it; nil where neither is installed.
    ///
    /// Where both are: the one with Docker's rules, else legacy if only it has rules, else nft.
    /// Looking makes no table.
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
