import Addressing
import JSON
import RuleIR

/// Reads the objects of a listing (libnftables-json(5)) as tables in the terms of the IR.
struct ListingReader {
    private struct Reference: Hashable {
        var family: String
        var name: String
    }

    private(set) var tables: [ListedTable] = []
    private var places: [Reference: Int] = [:]
    /// The anonymous sets of each table.
    private var unnamedSets: [Int: Set<NamedSet>] = [:]
    private var chainPlaces: [Reference: [String: Int]] = [:]
    /// The elements of the sets and maps of each table.
    private var contents: [Reference: ForeignSets] = [:]

    /// Reads all objects but `identity` sets, which identify the table and which no rule looks up.
    init(_ objects: [JSONValue]) {
        for object in objects {
            if let set = object["set"] ?? object["map"], set["table"]?.string != nil {
                contents[reference(of: set, named: "table"), default: ForeignSets()].add(object)
            }
            if let set = object["set"] { read(set: set) }
            if let chain = object["chain"] { read(chain: chain) }
        }
        for object in objects {
            if let rule = object["rule"] { read(rule: rule) }
        }
    }

    private mutating func read(set: JSONValue) {
        guard let table = place(of: set, named: "table"), let name = set["name"]?.string,
            name != Identity.setName
        else { return }
        tables[table].sets.append(SetReader.read(set, named: name))
    }

    private mutating func read(chain: JSONValue) {
        guard let table = place(of: chain, named: "table"), let name = chain["name"]?.string
        else { return }
        var attachment: HookAttachment?
        if let hook = chain["hook"]?.string, let type = chain["type"]?.string {
            attachment = HookAttachment(
                type: type, hook: LoadedChain.Hook(rawValue: hook),
                priority: chain["prio"]?.number ?? 0,
                policy: chain["policy"]?.string ?? "accept")
        }
        chainPlaces[reference(of: chain, named: "table"), default: [:]][name] =
            tables[table].chains.count
        tables[table].chains.append(
            ListedChain(name: name, attachment: attachment, entries: []))
    }

    private mutating func read(rule: JSONValue) {
        guard let table = place(of: rule, named: "table"), let name = rule["chain"]?.string,
            let chain = chainPlaces[reference(of: rule, named: "table")]?[name]
        else { return }
        let reading = RuleReader(
            rule, contents[reference(of: rule, named: "table")] ?? ForeignSets())
        tables[table].chains[chain].entries.append(reading.entry)
        for set in reading.unnamedSets
        where unnamedSets[table, default: []].insert(set).inserted {
            tables[table].sets.append(.readable(set))
        }
    }

    private mutating func place(of object: JSONValue, named key: String) -> Int? {
        let reference = reference(of: object, named: key)
        guard !reference.name.isEmpty else { return nil }
        if let place = places[reference] { return place }
        let families: [AddressFamily] =
            switch reference.family {
            case "inet": AddressFamily.allCases
            case "ip": [.ipv4]
            case "ip6": [.ipv6]
            case _: []
            }
        places[reference] = tables.count
        tables.append(
            ListedTable(
                name: "\(reference.family) \(reference.name)", families: families, sets: [],
                chains: []))
        return tables.count - 1
    }

    private func reference(of object: JSONValue, named key: String) -> Reference {
        Reference(family: object["family"]?.string ?? "", name: object[key]?.string ?? "")
    }
}
