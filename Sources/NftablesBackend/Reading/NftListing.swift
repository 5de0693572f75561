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
    private static func objects(of json: String) throws(Unreadable) -> [JSONValue] {
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

extension NftListing {
    /// Reads the output of `nft -j list table` as a table whose chains may drop packets.
    ///
    /// Returns nil without a table of a known family. Throws `Unreadable` if the text isn't nft's.
    package static func filterTable(
        _ json: String
    ) throws(Unreadable) -> FilterTable? {
        let objects = try objects(of: json)
        guard let named = objects.lazy.compactMap({ $0["table"] }).first,
            let family = LoadedChain.Family(rawValue: named["family"]?.string ?? ""),
            let name = named["name"]?.string
        else { return nil }
        var table = FilterTable(tool: .nft, family: family, name: name, chains: [])
        var sets = ForeignSets()
        var places: [String: Int] = [:]
        var counts: [String: Int] = [:]
        var unnamedSets: Set<NamedSet> = []
        for object in objects {
            if let set = object["set"], let name = set["name"]?.string,
                case .readable(let read) = SetReader.read(set, named: name)
            {
                table.sets.append(read)
            }
            sets.add(object)
            if let chain = object["chain"], let read = FilterChain(chain) {
                places[read.name] = table.chains.count
                table.chains.append(read)
            }
        }
        for object in objects {
            guard let rule = object["rule"], let chain = rule["chain"]?.string,
                let place = places[chain]
            else { continue }
            counts[chain, default: 0] += 1
            let reading = FilterRuleReader(rule, number: counts[chain] ?? 1, sets: sets)
            table.chains[place].rules += reading.rules
            unnamedSets.formUnion(reading.unnamedSets)
        }
        table.sets += unnamedSets.sorted { $0.name.text < $1.name.text }
        return table
    }
}

extension FilterChain {
    fileprivate init?(_ chain: JSONValue) {
        guard let name = chain["name"]?.string else { return nil }
        var base: LoadedChain.Base?
        if let hook = chain["hook"]?.string.flatMap({ LoadedChain.Hook(known: $0) }) {
            base = LoadedChain.Base(
                type: chain["type"]?.string ?? "filter", hook: hook,
                priority: chain["prio"]?.number ?? 0)
        }
        self.init(name, base: base, dropsAtEnd: chain["policy"]?.string == "drop")
    }
}
