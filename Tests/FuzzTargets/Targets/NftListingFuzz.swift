import NftablesBackend
import RuleIR

extension FuzzTarget {
    /// The output of `nft -j list`.
    static let nftListing = FuzzTarget(name: "nft-listing") { bytes in
        guard let text = bytes.text else { return }
        // No other error may be thrown for a text.
        let found: ListedRules
        do throws(NftListing.Unreadable) {
            found = try NftListing.read(text)
        } catch {
            try promise(!error.reason.isEmpty, "refused without a reason")
            return
        }
        try ListedRulesInvariants.check(found)
    }
}
