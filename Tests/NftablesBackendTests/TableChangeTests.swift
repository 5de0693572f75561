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
