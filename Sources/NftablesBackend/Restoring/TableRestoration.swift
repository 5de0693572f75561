import CMnl
import Glibc
import RuleIR

/// The transactions that turn the loaded table, or none, into that of a snapshot.
///
/// As in any replacement of rules (decision 0038), a set with intervals that is as before stays,
/// and a missing one is loaded before the rules that look it up. Chains and other sets are made
/// again where the order of a listing needs it.
struct TableRestoration {
    private let now: TableSnapshot?
    private let former: TableSnapshot
    /// The sets of the first transaction.
    private let prepared: [TableSnapshot.ElementSet]
    /// The names of loaded sets and chains that stay.
    private let stayingSets: Set<String>
    private let stayingChains: Set<String>
    private let replacesRules: Bool

    init(from now: TableSnapshot?, to former: TableSnapshot) {
        self.now = now
        self.former = former
        prepared = former.namedSets.filter { $0.isInterval && now?.set($0.name) == nil }
        let (loaded, wanted) = (now?.namedSets ?? [], former.namedSets)
        let stayingSets = Self.staying(
            loaded.filter { set in former.set(set.name)?.attributes == set.attributes }
                .map(\.name),
            wanted.map(\.name), always: Set(wanted.filter(\.isInterval).map(\.name)))
        self.stayingSets = stayingSets
        stayingChains = Self.staying(
            (now?.chains ?? []).filter(former.chains.contains).map(\.name),
            former.chains.map(\.name), always: [])
        replacesRules =
            now.map { now in
                !now.hasSameRules(as: former)
                    || wanted.contains {
                        now.set($0.name) != nil && !stayingSets.contains($0.name)
                    }
            } ?? true
    }

    /// Returns the loaded objects that stay: those that begin the listing as before, and `always`.
    private static func staying(
        _ loaded: [String], _ wanted: [String], always: Set<String>
    ) -> Set<String> {
        let first = zip(loaded, wanted).prefix { $0 == $1 }.map(\.0)
        return Set(first).union(always.intersection(loaded))
    }

    var isNothing: Bool {
        guard let now, now.flags == former.flags, !replacesRules else { return false }
        return now.sets.map(\.name) == former.sets.map(\.name)
            && former.sets.allSatisfy { now.set($0.name)?.hasSameElements(as: $0) == true }
    }

    /// Whether no set has to be loaded before the rules.
    var isInOneStep: Bool { prepared.isEmpty }

    /// Loads the missing interval sets; the identity notes that their rules are to follow.
    ///
    /// `identity` is the loaded one, or the one of a table without rules.
    func prepare(_ batch: inout NftBatch, saying identity: Identity) {
        var identity = identity
        identity.loading = prepared.map(\.name).sorted()
        if now == nil {
            identity.digest = ""
            batch.add(table: former.table)
            if let set = former.set(Identity.setName) { batch.add(set.attributes, ofSet: set.name) }
        } else {
            batch.flush(set: Identity.setName, in: former.name)
        }
        batch.addIdentityElements(of: identity.set, in: former.name)
        for set in prepared { batch.add(set, in: former.name) }
    }

    /// Restores all else.
    func perform(_ batch: inout NftBatch) {
        if now == nil {
            if isInOneStep { batch.add(table: former.table) }
            for object in former.objects { batch.add(object: object) }
        } else if replacesRules {
            batch.flush(table: former.name)
        }
        for set in now?.namedSets ?? [] where !stayingSets.contains(set.name) {
            batch.delete(set: set.name, in: former.name)
        }
        if replacesRules {
            for chain in now?.chains ?? [] where !stayingChains.contains(chain.name) {
                batch.delete(chain: chain.name, in: former.name)
            }
            for chain in former.chains where !stayingChains.contains(chain.name) {
                batch.add(chain)
            }
        }
        for set in former.sets { restore(set, &batch) }
        guard replacesRules else { return }
        for rule in former.rules { batch.add(rule: rule) }
    }

    private func restore(_ set: TableSnapshot.ElementSet, _ batch: inout NftBatch) {
        guard !set.isAnonymous else {
            if replacesRules { batch.add(set, in: former.name) }
            return
        }
        guard !prepared.contains(where: { $0.name == set.name }) else { return }
        let isIdentity = set.name == Identity.setName
        let isLoaded =
            stayingSets.contains(set.name) || now == nil && isIdentity && !isInOneStep
        guard isLoaded else { return batch.add(set, in: former.name) }
        // The first transaction has changed the notes of the identity.
        let isSame = now?.set(set.name)?.hasSameElements(as: set) == true
        guard !isSame || isIdentity && !isInOneStep else { return }
        batch.flush(set: set.name, in: former.name)
        batch.addElements(of: set, in: former.name)
    }

    /// Deletes the loaded table and makes the former one, in one transaction.
    func replace(_ batch: inout NftBatch) {
        if now != nil { batch.delete(table: former.name) }
        batch.add(table: former.table)
        for object in former.objects { batch.add(object: object) }
        for chain in former.chains { batch.add(chain) }
        for set in former.sets { batch.add(set, in: former.name) }
        for rule in former.rules { batch.add(rule: rule) }
    }

    /// Whether the flags of the table differ, which the kernel doesn't take with its chains.
    var hasOtherFlags: Bool { now.map { $0.flags != former.flags } ?? false }

    func setFlags(_ batch: inout NftBatch) { batch.add(table: former.table) }
}

extension NftBatch {
    fileprivate mutating func add(table attributes: [UInt32]) {
        message(NFT_MSG_NEWTABLE, NLM_F_CREATE, .table) { $0.put(verbatim: attributes) }
    }

    fileprivate mutating func add(object attributes: [UInt32]) {
        message(NFT_MSG_NEWOBJ, NLM_F_CREATE, .table) { $0.put(verbatim: attributes) }
    }

    fileprivate mutating func add(_ chain: TableSnapshot.Chain) {
        message(NFT_MSG_NEWCHAIN, NLM_F_CREATE, .chain(chain.name)) {
            $0.put(verbatim: chain.attributes)
        }
    }

    fileprivate mutating func add(rule attributes: [UInt32]) {
        message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, .table) {
            $0.put(verbatim: attributes)
        }
    }

    fileprivate mutating func flush(set name: String, in table: String) {
        message(NFT_MSG_DELSETELEM, 0, .set(name)) { writer in
            writer.put(NFTA_SET_ELEM_LIST_TABLE, text: table)
            writer.put(NFTA_SET_ELEM_LIST_SET, text: name)
        }
    }

    fileprivate mutating func add(_ set: TableSnapshot.ElementSet, in table: String) {
        add(set.attributes, ofSet: set.name)
        addElements(of: set, in: table)
    }

    fileprivate mutating func add(_ attributes: [UInt32], ofSet name: String) {
        let number = nextNumber
        message(NFT_MSG_NEWSET, NLM_F_CREATE, .set(name)) { writer in
            writer.put(verbatim: attributes)
            writer.put(NFTA_SET_ID, number)
        }
    }

    /// The most bytes of a list of elements: it is one attribute, whose length has 16 bits.
    private static let capacity = 60_000

    fileprivate mutating func addElements(of set: TableSnapshot.ElementSet, in table: String) {
        var rest = set.elements[...]
        while !rest.isEmpty {
            message(NFT_MSG_NEWSETELEM, NLM_F_CREATE, .set(set.name)) { writer in
                writer.put(NFTA_SET_ELEM_LIST_TABLE, text: table)
                writer.put(NFTA_SET_ELEM_LIST_SET, text: set.name)
                writer.nest(NFTA_SET_ELEM_LIST_ELEMENTS) { writer in
                    let start = writer.byteCount
                    while let element = rest.first, writer.byteCount - start < Self.capacity {
                        writer.put(verbatim: element)
                        rest = rest.dropFirst()
                    }
                }
            }
        }
    }
}
