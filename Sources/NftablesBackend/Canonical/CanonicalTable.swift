import Digest
import RuleIR

/// The canonical form of a table, planned or loaded; the digest is computed over it.
///
/// Handles and counters are left out, and so is the identity set, which has a record of its own.
struct CanonicalTable {
    private(set) var sets: [String: CanonicalSet] = [:]
    private var chains: [String: [UInt8]] = [:]
    /// `NFT_TABLE_F_…`; the rules of a dormant table see no packet.
    private var flags: UInt32 = 0

    init(_ table: NftTable) {
        for set in table.sets where set.name != Identity.setName {
            sets[set.name] = CanonicalSet(set)
        }
        for chain in table.chains {
            add(
                chain.name, base: chain.base, rules: chain.rules.map(CanonicalRule.init))
        }
    }

    init(_ table: KernelTable, sets: [String: CanonicalSet]) {
        self.sets = sets
        flags = table.flags
        for chain in table.chains {
            let rules = table.rules.filter { $0.chain == chain.name }
            add(
                chain.name, base: chain.base,
                rules: rules.map { CanonicalRule($0.expressions, comment: $0.comment) })
        }
    }

    private mutating func add(_ name: String, base: HookAttachment?, rules: [CanonicalRule]) {
        var bytes: [UInt8] = []
        if let base {
            let numbers = [base.hook.number, base.kernelPriority, base.kernelPolicy]
            bytes += Array(base.type.utf8) + numbers.flatMap(\.networkBytes)
        }
        bytes += UInt32(rules.count).networkBytes
        for rule in rules { bytes += UInt32(rule.bytes.count).networkBytes + rule.bytes }
        chains[name] = bytes
    }

    /// The SHA-256 of the canonical form.
    var digest: String {
        var bytes = chainBytes
        for (name, set) in sets.sorted(by: { $0.key < $1.key }) {
            bytes += Array(name.utf8) + [0]
            set.write(to: &bytes)
        }
        if flags != 0 { bytes += Array("flags".utf8) + [0] + flags.networkBytes }
        return SHA256.hexadecimal(bytes)
    }

    /// Whether both tables have the same chains with the same rules.
    func hasSameChains(as other: CanonicalTable) -> Bool { chains == other.chains }

    private var chainBytes: [UInt8] {
        var bytes: [UInt8] = []
        for (name, chain) in chains.sorted(by: { $0.key < $1.key }) {
            bytes += Array(name.utf8) + [0] + UInt32(chain.count).networkBytes + chain
        }
        return bytes
    }
}
