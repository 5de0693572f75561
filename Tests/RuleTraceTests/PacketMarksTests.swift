import RuleIR
import Testing

@testable import RuleTrace

/// Marks of which some bits are unknown.
@Suite struct PacketMarksTests {
    @Test func testOfUnknownBitsIsUndecidedUnlessKnownBitsDecide() {
        var mark = KnownBits.unknown
        #expect(mark.passes(MarkTest(mask: 0x1, values: [1])) == nil)
        // The value has a bit outside of the mask.
        #expect(mark.passes(MarkTest(mask: 0x1, values: [2])) == false)
        mark.apply(MarkChange(keeping: ~0x3, inverting: 0x2))
        #expect(mark.passes(MarkTest(mask: 0x3, values: [2])) == true)
        #expect(mark.passes(MarkTest(mask: 0x7, values: [2, 6])) == nil)
        #expect(mark.passes(MarkTest(mask: 0x7, values: [3])) == false)
        mark.apply(.set(0x9))
        #expect(mark.passes(MarkTest(values: [0x9])) == true)
    }

    @Test func copyIsKnownWhereBothMarksAre() {
        var marks = PacketMarks(packet: .zero, connection: .unknown)
        marks.apply(.copy(to: .packet, keeping: ~0xF, copying: 0xF))
        #expect(marks.packet.passes(MarkTest(mask: 0xF, values: [0])) == nil)
        #expect(marks.packet.passes(MarkTest(mask: 0xF0, values: [0])) == true)
        marks.apply(.copy(to: .packet, keeping: 0, copying: 0))
        #expect(marks.packet == .zero)
        marks.mayApply(.mark(.packet, .set(1)))
        #expect(marks.packet == .unknown)
    }

    /// Every combination of choices is taken once.
    @Test func choicesAreCountedLikeNumbers() {
        var choices = RandomChoices()
        var taken: [[Int]] = []
        repeat {
            let first = choices.choose(of: 2)
            taken.append(first == 0 ? [0, choices.choose(of: 3)] : [1])
        } while choices.advance()
        #expect(taken == [[0, 0], [0, 1], [0, 2], [1]])
        #expect(!choices.isCutShort)
    }

    @Test func tooManyChoicesAreCutShort() {
        var choices = RandomChoices()
        var runs = 0
        repeat {
            for _ in 0..<20 { _ = choices.choose(of: 2) }
            runs += 1
        } while choices.advance()
        #expect(choices.isCutShort)
        #expect(runs == 1_000)
    }
}
