package import RuleIR

/// The output of `nft -j list`, as found rules.
package enum NftListing {
    /// The text isn't what nft prints.
    package struct Unreadable: Error, Hashable {
        package var reason: String
    }

    /// Reads `nft -j list ruleset`, `list table`, or a document that `plan --format nft-json` printed.
    package static func read(_ json: String) throws(Unreadable) -> FoundRules {
        let value: JSONValue
        do {
            value = try Jansson.parse(json)
        } catch {
            throw Unreadable(reason: error.reason)
        }
        guard let objects = value["nftables"]?.array else {
            throw Unreadable(reason: "it has no 'nftables' list, which 'nft -j list' begins with")
        }
        return FoundRules(ListingReader(objects.map { $0["add"] ?? $0 }).tables)
    }

    /// A listing of one table as `status` and `diff` take it, if the table is of this name.
    package static func loaded(
        _ json: String, as name: String
    ) throws(Unreadable) -> LoadedRules {
        do {
            return try Listing(name: name, json: json).loaded()
        } catch {
            throw Unreadable(reason: error.reason)
        }
    }
}
