import JSON
package import RuleIR

/// The output of `nft -j list`, as found rules.
package enum NftListing {
    /// The text isn't what nft prints.
    package struct Unreadable: Error, Hashable {
        package var reason: String
    }

    /// Reads `nft -j list ruleset`, `list table`, or a document that `plan --format nft-json` printed.
    package static func read(_ json: String) throws(Unreadable) -> ListedRules {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: json)
        } catch {
            throw Unreadable(reason: error.reason)
        }
        guard let objects = value["nftables"]?.array else {
            throw Unreadable(reason: "it has no 'nftables' list, which 'nft -j list' begins with")
        }
        return ListedRules(ListingReader(objects.map { $0["add"] ?? $0 }).tables)
    }
}
