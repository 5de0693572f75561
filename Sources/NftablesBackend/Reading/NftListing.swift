import JSON
package import RuleIR

/// Reads the output of `nft -j list` as listed rules.
package enum NftListing {
    /// The text isn't output of nft.
    package struct Unreadable: Error, Hashable {
        package var reason: String
    }

    /// Reads `nft -j list ruleset`, `list table` or a document of `plan --format nft-json`.
    package static func read(_ json: String) throws(Unreadable) -> ListedRules {
        ListedRules(ListingReader(try objects(of: json).map { $0["add"] ?? $0 }).tables)
    }

    /// The tables, chains, rules and sets of a listing, in its order.
    static func objects(of json: String) throws(Unreadable) -> [JSONValue] {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: json)
        } catch {
            throw Unreadable(reason: error.reason)
        }
        guard let objects = value["nftables"]?.array else {
            throw Unreadable(reason: "it has no 'nftables' list, which 'nft -j list' begins with")
        }
        return objects
    }
}
