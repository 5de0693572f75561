import Addressing
import RuleIR
import Testing

@testable import NftablesBackend

/// What of a table is sent again.
@Suite struct TableChangeTests {
    private static let because = Rationale("test", key: "test")

    private static func record(
        _ addresses: Range<Int>, port: Int = 80, others: [Int] = [7]
    ) throws -> LoadRecord {
        func set(_ name: String, _ numbers: [Int]) -> NamedSet {
            NamedSet(
                SetName(name),
                .addresses(
                    .ipv4,
                    numbers.map {
                        .init(
                            IPPrefix(IPAddress(family: .ipv4, bits: UInt128($0 * 2))),
                            source: "test")
                    }))
        }
        let rule = Rule(
            [.transport(.tcp)], then: .redirect(try #require(Port(port))), because: because)
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            sets: [set("large", Array(addresses)), set("small", others)],
            baseChains: [BaseChain(.nat, .output, last: [rule])])
        return try #require(LoadRecord(TableForm(NftTable(ruleset)), seal: "s"))
    }

    private static func words(_ change: TableChange) -> [String] {
        switch change {
        case .whole: return ["whole"]
        case .parts(let replacesChains, let changes):
            let sets = changes.map { change in
                switch change.kind {
                case .add: "add \(change.name)"
                case .refill: "refill \(change.name)"
                case .delete: "delete \(change.name)"
                case .differ(let found):
                    "\(change.name) +\(found.added.count) -\(found.removed.count)"
                }
            }
            return (replacesChains ? ["chains"] : []) + sets
        }
    }

    @Test func onlyWhatDiffers() throws {
        let old = try Self.record(0..<3000)
        #expect(Self.words(TableChange(from: old, to: old)) == [])
        #expect(
            Self.words(TableChange(from: old, to: try Self.record(1..<3000))) == ["large +0 -1"])
        #expect(
            Self.words(TableChange(from: old, to: try Self.record(2..<3003, others: [8])))
                == ["large +3 -2", "refill small"])
        #expect(
            Self.words(TableChange(from: old, to: try Self.record(0..<3000, port: 81)))
                == ["chains"])
        #expect(
            Self.words(TableChange(from: old, to: try Self.record(0..<3001, port: 81)))
                == ["chains", "large +1 -0"])
    }

    @Test func theWholeWhereThatIsNoMore() throws {
        let small = try Self.record(0..<10)
        #expect(
            Self.words(TableChange(from: small, to: try Self.record(0..<10, port: 81)))
                == ["whole"])
        // Too much for a sketch.
        let large = try Self.record(0..<3000)
        #expect(
            Self.words(TableChange(from: large, to: try Self.record(500..<3000)))
                == ["refill large"])
        var other = large
        other.sets["large"]?.keyType = 13
        #expect(Self.words(TableChange(from: other, to: large)) == ["whole"])
    }
}

/// The same rules have the same form, whatever version of nft compiled them.
@Suite struct RuleFormTests {
    private func form(_ expressions: [Expression]) -> [UInt8] {
        RuleForm(expressions.map { .known($0) }, comment: nil).bytes
    }

    private let source = PayloadField(base: 2, offset: 0, length: 2)
    private let destination = PayloadField(base: 2, offset: 2, length: 2)
    private let both = PayloadField(base: 2, offset: 0, length: 4)

    @Test func portsTogetherOrOneByOne() {
        let together = form([
            .payload(both, to: 1), .compare(1, [0, 80, 1, 187], isNegated: false),
        ])
        let apart: [Expression] = [
            .payload(destination, to: 8), .compare(8, [1, 187], isNegated: false),
            .payload(source, to: 1), .compare(1, [0, 80], isNegated: false),
        ]
        #expect(form(apart) == together)
        #expect(form(apart + [.counter]) != together)
        // What is before a counter isn't what is behind it.
        #expect(form([.counter] + apart) != form(apart + [.counter]))
    }

    @Test func aPrefixByBytesOrByAMask() {
        let address = PayloadField(base: 1, offset: 16, length: 4)
        let first = PayloadField(base: 1, offset: 16, length: 1)
        let masked = form([
            .payload(address, to: 1), .mask(1, [255, 0, 0, 0]),
            .compare(1, [10, 0, 0, 0], isNegated: false),
        ])
        #expect(
            form([.payload(first, to: 1), .compare(1, [10], isNegated: false)]) == masked)
        #expect(form([.payload(first, to: 1), .compare(1, [11], isNegated: false)]) != masked)
        #expect(form([.payload(first, to: 1), .compare(1, [10], isNegated: true)]) != masked)
    }

    /// "Not 1 and not 2" of two fields isn't "not 1-2" of both.
    @Test func negationsArentTakenApart() {
        let together = form([.payload(both, to: 1), .compare(1, [0, 80, 1, 187], isNegated: true)])
        let apart: [Expression] = [
            .payload(source, to: 1), .compare(1, [0, 80], isNegated: true),
            .payload(destination, to: 1), .compare(1, [1, 187], isNegated: true),
        ]
        #expect(form(apart) != together)
    }
}
