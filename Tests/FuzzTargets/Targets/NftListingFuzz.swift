import NftablesBackend
import RuleIR

extension FuzzTarget {
    /// What `nft -j list` prints.
    static let nftListing = FuzzTarget(name: "nft-listing") { bytes in
        guard let text = bytes.text else { return }
        // Any other error is no error of the text.
        let found: ListedRules
        do throws(NftListing.Unreadable) {
            found = try NftListing.read(text)
        } catch {
            try promise(!error.reason.isEmpty, "refused without a word")
            return
        }
        try ListedRulesInvariants.check(found)
    }
}
