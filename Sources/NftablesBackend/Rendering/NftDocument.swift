import JSON

/// The commands of one transaction as a document of libnftables-json(5).
///
/// Each command is one line, and so is each element of a set.
struct NftDocument: TransactionWriter {
    private var bytes = Array("{\"nftables\": [".utf8)
    private var isEmpty = true
    /// Whether JSON could express every element.
    private(set) var isWhole = true

    /// Returns the document; no command may follow.
    consuming func finished() -> String {
        bytes.append(verbatim: "\n]}\n")
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func create(table name: String) { command("create", Self.table(name)) }

    mutating func wake(table name: String) { command("add", Self.table(name)) }

    mutating func delete(table name: String) { command("delete", Self.table(name)) }

    mutating func flush(table name: String) { command("flush", Self.table(name)) }

    mutating func add(_ set: NftSet, _ canonical: CanonicalSet?, in table: String) {
        guard !set.elements.isEmpty else {
            return command("add", ["set": .object(set.members(in: table))])
        }
        command("add", "set", set.members(in: table), elements: set.elements)
    }

    mutating func delete(set name: String, in table: String) {
        command("delete", ["set": .object(Self.reference(to: name, in: table))])
    }

    mutating func flush(_ set: NftSet, in table: String) {
        command("flush", ["set": .object(Self.reference(to: set.name, in: table))])
    }

    mutating func addIdentityElements(of set: NftSet, in table: String) {
        command("add", "element", Self.reference(to: set.name, in: table), elements: set.elements)
    }

    mutating func add(_ elements: [ElementRange], to set: NftSet, in table: String) {
        command("add", elements, of: set, in: table)
    }

    mutating func delete(_ elements: [ElementRange], of set: NftSet, in table: String) {
        command("delete", elements, of: set, in: table)
    }

    mutating func add(_ chain: NftChain, in table: String) {
        command("add", ["chain": chain.object(in: table)])
    }

    mutating func delete(chain name: String, in table: String) {
        command("delete", ["chain": .object(Self.reference(to: name, in: table))])
    }

    mutating func add(_ rule: NftRule, in table: String, _ chain: String) {
        command("add", ["rule": rule.object(in: table, chain)])
    }

    private static func table(_ name: String) -> JSONValue {
        ["table": ["family": "inet", "name": .string(name)]]
    }

    /// Returns the members that name a set or a chain.
    private static func reference(to name: String, in table: String) -> [String: JSONValue] {
        ["family": "inet", "table": .string(table), "name": .string(name)]
    }

    private mutating func begin() {
        bytes.append(verbatim: isEmpty ? "\n  " : ",\n  ")
        isEmpty = false
    }

    private mutating func command(_ name: String, _ object: JSONValue) {
        begin()
        bytes.append(.object([name: object]))
    }

    private mutating func command(
        _ name: String, _ ranges: [ElementRange], of set: NftSet, in table: String
    ) {
        guard !ranges.isEmpty else { return }
        let elements = ranges.compactMap { NftElement($0, of: set) }
        if elements.count < ranges.count { isWhole = false }
        command(name, "element", Self.reference(to: set.name, in: table), elements: elements)
    }

    /// Writes a command whose object has elements after its other members.
    private mutating func command(
        _ name: String, _ kind: String, _ members: [String: JSONValue], elements: [NftElement]
    ) {
        begin()
        bytes.append(verbatim: "{")
        bytes.append(quoted: name)
        bytes.append(verbatim: ": {")
        bytes.append(quoted: kind)
        bytes.append(verbatim: ": ")
        bytes.append(.object(members))
        bytes.removeLast()
        bytes.append(verbatim: ", \"elem\": [")
        for (index, element) in elements.enumerated() {
            bytes.append(verbatim: index > 0 ? ",\n    " : "\n    ")
            bytes.append(element)
        }
        bytes.append(verbatim: "\n  ]}}}")
    }
}
