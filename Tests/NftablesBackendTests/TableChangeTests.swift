import Addressing
import RuleIR
import Testing

@testable import NftablesBackend

/// Which parts of a table are submitted, and in which transaction.
@Suite struct TableChangeTests {
    private static let because = Rationale("test", key: "test")

    /// Lists of blocks with gaps between them, and a redirect.
    private static func planned(
        _ blocks: [Range<Int>], of length: Int = 30, port: Int = 80
    ) throws -> PlannedTable {
        let sets = try blocks.enumerated().map { index, blocks in
            NamedSet(
                SetName("list\(index)"),
                .addresses(
                    .ipv4,
                    try blocks.map { block in
                        let address = IPAddress(family: .ipv4, bits: UInt128(block) << 8)
                        return .init(
                            try #require(IPPrefix(address, length: length)), source: "test")
                    }))
        }
        let bypass = sets.map {
            Rule([.destination(.inSet($0.name, .ipv4))], then: .return, because: because)
        }
        let redirect = Rule(
            [.transport(.tcp)], then: .redirect(try #require(Port(port))), because: because)
        return PlannedTable(
            NftTable(
                Ruleset(
                    instance: .mesh, families: [.ipv4, .ipv6], sets: sets,
                    baseChains: [BaseChain(.nat, .output, last: bypass + [redirect])])))
    }

    /// The table in the kernel after it was loaded.
    private static func loaded(
        _ planned: PlannedTable, flags: UInt32 = 0, loading: [String] = []
    ) -> LoadedTable {
        var identity = Identity(version: "1", digest: planned.digest, ownedPrerequisites: [])
        identity.loading = loading
        let chains = planned.table.chains
        return LoadedTable(
            name: planned.table.name, identity: identity,
            table: KernelTable(
                flags: flags,
                chains: chains.map {
                    KernelTable.Chain(name: $0.name, base: $0.base)
                },
                rules: chains.flatMap { chain in
                    chain.rules.map { rule in
                        KernelTable.Rule(
                            chain: chain.name, comment: rule.comment,
                            expressions: RuleCompilation(rule.statements).expressions
                                .map { .known($0) }, count: nil)
                    }
                }, sets: []), sets: planned.canonical.sets)
    }

    private static func words(_ change: TableChange) -> [String] {
        let first = change.prepared.map { "first \($0)" }
        let sets = change.sets.map { change in
            switch change.kind {
            case .add: "add \(change.name)"
            case .replace: "replace \(change.name)"
            case .delete: "delete \(change.name)"
            case .differ(let found):
                "\(change.name) +\(found.added.count) -\(found.removed.count)"
            }
        }
        return first + (change.replacesRules ? ["rules"] : []) + sets
    }

    @Test func changeContainsOnlyDifferences() throws {
        let old = Self.loaded(try Self.planned([0..<3000]))
        func words(_ blocks: Range<Int>, port: Int = 80) throws -> [String] {
            Self.words(TableChange(from: old, to: try Self.planned([blocks], port: port)))
        }
        #expect(try words(0..<3000) == [])
        #expect(try words(1..<3000) == ["list0_ranges +0 -1"])
        #expect(try words(2..<3003) == ["list0_ranges +3 -2"])
        #expect(try words(0..<3000, port: 81) == ["rules"])
        #expect(try words(0..<3001, port: 81) == ["rules", "list0_ranges +1 -0"])
        // An interval set stays, whatever its elements.
        #expect(try words(5000..<8000) == ["list0_ranges +3000 -3000"])
        #expect(try words(0..<6) == ["list0_ranges +0 -2994"])
    }

    @Test func onlyNewIntervalSetsAreSubmittedFirst() throws {
        let ranges = try Self.planned([0..<10, 0..<10])
        let plain = try Self.planned([0..<10, 0..<10], of: 32)
        let few = try Self.planned([0..<3, 0..<4])
        func words(_ old: PlannedTable?, _ new: PlannedTable) -> [String] {
            Self.words(TableChange(from: old.map { Self.loaded($0) }, to: new))
        }
        #expect(words(nil, few) == ["rules"])
        #expect(words(nil, plain) == ["rules", "add list0", "add list1"])
        #expect(words(nil, ranges) == ["first list0_ranges", "first list1_ranges", "rules"])
        #expect(
            words(plain, ranges) == [
                "first list0_ranges", "first list1_ranges", "rules", "delete list0",
                "delete list1",
            ])
        #expect(
            words(ranges, plain) == [
                "rules", "add list0", "add list1", "delete list0_ranges", "delete list1_ranges",
            ])
        #expect(words(few, few) == [])
    }

    /// Sets of an interrupted load are used or deleted.
    @Test func setsOfAnInterruptedLoadAreUsedOrDeleted() throws {
        let ranges = try Self.planned([0..<10])
        var old = Self.loaded(try Self.planned([0..<3]), loading: ["list0_ranges"])
        old = LoadedTable(
            name: old.name, identity: old.identity, table: old.table, sets: ranges.canonical.sets)
        #expect(Self.words(TableChange(from: old, to: ranges)) == ["rules"])
        #expect(
            Self.words(TableChange(from: old, to: try Self.planned([1..<10])))
                == ["rules", "list0_ranges +0 -1"])
        #expect(
            Self.words(TableChange(from: old, to: try Self.planned([0..<3])))
                == ["delete list0_ranges"])
        #expect(old.canonical.digest == old.identity.digest)
    }

    @Test func setOfAnotherKindConflicts() throws {
        let ranges = try Self.planned([0..<10])
        var old = Self.loaded(ranges)
        var sets = old.sets
        sets["list0_ranges"]?.extras = [1]
        old = LoadedTable(name: old.name, identity: old.identity, table: old.table, sets: sets)
        #expect(TableChange.conflicts(old, ranges) == ["list0_ranges"])
        #expect(TableChange.conflicts(old, ranges.renaming(["list0_ranges"], avoiding: [])) == [])
        #expect(TableChange.conflicts(Self.loaded(ranges), ranges) == [])
        #expect(TableChange.conflicts(nil, ranges) == [])
    }

    @Test func chainsAsPlannedAreKept() throws {
        let planned = try Self.planned([0..<3])
        #expect(
            TableChange(from: Self.loaded(planned), to: planned).keptChains
                == ["nat_output_last"])
        var other = planned.table
        other.chains[0].base?.priority = -10
        let moved = TableChange(from: Self.loaded(PlannedTable(other)), to: planned)
        #expect(moved.keptChains == [])
        #expect(moved.removedChains == ["nat_output_last"])
        #expect(moved.replacesRules)
    }

    @Test func dormantTableIsActivated() throws {
        let planned = try Self.planned([0..<3])
        #expect(TableChange(from: Self.loaded(planned, flags: 1), to: planned).wakes)
        #expect(!TableChange(from: Self.loaded(planned), to: planned).wakes)
        #expect(Self.loaded(planned, flags: 1).canonical.digest != planned.digest)
    }
}

/// Equal rules have equal canonical forms, whichever version of nft compiled them.
@Suite struct RuleFormTests {
    private func form(_ expressions: [Expression]) -> [UInt8] {
        CanonicalRule(expressions.map { .known($0) }, comment: nil).bytes
    }

    private let source = PayloadField(base: 2, offset: 0, length: 2)
    private let destination = PayloadField(base: 2, offset: 2, length: 2)
    private let both = PayloadField(base: 2, offset: 0, length: 4)

    @Test func portsHaveOneFormTogetherOrSeparate() {
        let together = form([
            .payload(both, to: 1), .compare(1, .is, [0, 80, 1, 187]),
        ])
        let apart: [Expression] = [
            .payload(destination, to: 8), .compare(8, .is, [1, 187]),
            .payload(source, to: 1), .compare(1, .is, [0, 80]),
        ]
        #expect(form(apart) == together)
        #expect(form(apart + [.counter]) != together)
        // A match before a counter differs from one after it.
        #expect(form([.counter] + apart) != form(apart + [.counter]))
    }

    @Test func prefixHasOneFormByBytesOrMask() {
        let address = PayloadField(base: 1, offset: 16, length: 4)
        let first = PayloadField(base: 1, offset: 16, length: 1)
        let masked = form([
            .payload(address, to: 1), .mask(1, [255, 0, 0, 0]),
            .compare(1, .is, [10, 0, 0, 0]),
        ])
        #expect(
            form([.payload(first, to: 1), .compare(1, .is, [10])]) == masked)
        #expect(form([.payload(first, to: 1), .compare(1, .is, [11])]) != masked)
        #expect(form([.payload(first, to: 1), .compare(1, .isNot, [10])]) != masked)
    }

    /// nft compiles a range to two comparisons, or to one instruction.
    @Test func rangeHasOneFormByEndsOrOneInstruction() {
        let ends: [Expression] = [
            .payload(destination, to: 1), .compare(1, .isAtLeast, [0, 80]),
            .compare(1, .isAtMost, [0, 90]),
        ]
        let once = form([
            .payload(destination, to: 1), .range(1, from: [0, 80], to: [0, 90], isNegated: false),
        ])
        #expect(form(ends) == once)
        #expect(form(Array(ends.dropLast())) != once)
        #expect(form([ends[0], ends[2]]) != once)
        #expect(
            form([
                .payload(source, to: 1), .compare(1, .isAtLeast, [0, 80]),
                .compare(1, .isAtMost, [0, 90]),
            ]) != once)
        #expect(
            form([
                .payload(destination, to: 1),
                .range(1, from: [0, 80], to: [0, 90], isNegated: true),
            ]) != once)
    }

    /// "Not 1 and not 2" of two fields isn't "not 1-2" of both.
    @Test func negationOfTwoFieldsDiffersFromTwoNegations() {
        let together = form([.payload(both, to: 1), .compare(1, .isNot, [0, 80, 1, 187])])
        let apart: [Expression] = [
            .payload(source, to: 1), .compare(1, .isNot, [0, 80]),
            .payload(destination, to: 1), .compare(1, .isNot, [1, 187]),
        ]
        #expect(form(apart) != together)
    }
}
