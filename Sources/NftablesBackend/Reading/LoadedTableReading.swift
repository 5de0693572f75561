import Addressing
import JSON
import RuleIR

extension ListedRules {
    /// Creates the rules that reading a listing of the table would give.
    init(_ table: KernelTable, named name: String, sets forms: [String: CanonicalSet]) {
        let sets = LoadedSets(table.sets, forms)
        let reference: [String: JSONValue] = ["family": "inet", "table": .string(name)]
        func object(_ kind: String, _ members: [String: JSONValue]) -> JSONValue {
            [kind: .object(members.merging(reference) { first, _ in first })]
        }
        let chains = table.chains.map { object("chain", $0.members) }
        let rules = table.rules.map { rule in
            var members: [String: JSONValue] = ["chain": .string(rule.chain)]
            members["expr"] = .array(StatementReader(rule.expressions, sets).statements)
            members["comment"] = rule.comment.map { .string($0) }
            return object("rule", members)
        }
        var tables = ListingReader(chains + rules).tables
        if tables.isEmpty {
            tables = [
                ListedTable(name: "inet \(name)", families: [.ipv4, .ipv6], sets: [], chains: [])
            ]
        }
        for index in tables.indices {
            tables[index].sets +=
                table.sets.filter { !$0.isAnonymous && $0.name != Identity.setName }
                .map(sets.found)
        }
        self.init(tables)
    }
}

extension KernelTable.Chain {
    /// The members of the object in libnftables-json(5).
    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["name": .string(name)]
        guard let base else { return members }
        members["type"] = .string(base.type)
        members["hook"] = .string(base.hook.rawValue)
        members["prio"] = .number(base.priority)
        members["policy"] = .string(base.policy)
        return members
    }
}
