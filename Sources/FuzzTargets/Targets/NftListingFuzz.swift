import NftablesBackend
import RuleIR

extension FuzzTarget {
    /// What `nft -j list` prints, and our own table as the kernel lists it.
    static let nftListing = FuzzTarget(name: "nft-listing") { bytes in
        guard let text = bytes.text else { return }
        // Any other error is no error of the text.
        let found: FoundRules
        do throws(NftListing.Unreadable) {
            found = try NftListing.read(text)
        } catch {
            try promise(!error.reason.isEmpty, "refused without a word")
            return
        }
        try FoundRulesPromises.check(found)
        try FoundRulesPromises.check(try NftListing.loaded(text, as: "tproxy_mesh").rules)
    }
}
