import Rehearsal
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// A sketch tells exactly what two sets differ in, or nothing.
@Suite struct SetSketchTests {
    private static func elements(
        _ count: Int, _ random: inout SeededGenerator
    ) -> Set<ElementRange> {
        var elements: Set<ElementRange> = []
        while elements.count < count {
            let first = UInt128(UInt32.random(in: .min ... .max, using: &random))
            elements.insert(ElementRange(first: first, last: first + UInt128(random.next() % 9)))
        }
        return elements
    }

    @Test func fewDifferencesAreTold() throws {
        var random = SeededGenerator.forTest()
        let note: Comment = "TPROXY_TEST_SEED=\(random.seed)"
        var told = 0
        let rounds = 300
        for _ in 0..<rounds {
            let old = Self.elements(Int.random(in: 0...400, using: &random), &random)
            let gone = old.shuffled(using: &random).prefix(Int.random(in: 0...16, using: &random))
            let come = Self.elements(Int.random(in: 0...16, using: &random), &random)
                .subtracting(old)
            let new = old.subtracting(gone).union(come)
            let found = SetSketch(Array(new)).difference(from: SetSketch(Array(old)))
            guard let found else { continue }
            told += 1
            #expect(Set(found.added) == come, note)
            #expect(Set(found.removed) == Set(gone), note)
        }
        // There is no table of this size that never fails; this one fails about once in a thousand.
        #expect(told >= rounds - 5, note)
    }

    @Test func tooManyDifferencesAreNoAnswerOrTheRightOne() {
        var random = SeededGenerator.forTest()
        let note: Comment = "TPROXY_TEST_SEED=\(random.seed)"
        for count in 30...130 {
            let old = Self.elements(count, &random)
            let new = Self.elements(count, &random)
            guard let found = SetSketch(Array(new)).difference(from: SetSketch(Array(old))) else {
                continue
            }
            #expect(Set(found.added) == new.subtracting(old), note)
            #expect(Set(found.removed) == old.subtracting(new), note)
        }
        let none = SetSketch([])
        #expect(SetSketch(Array(Self.elements(1000, &random))).difference(from: none) == nil)
    }

    /// A damaged sketch is noticed, whichever digit is another.
    @Test func aDamagedSketchIsNoAnswer() throws {
        var random = SeededGenerator.forTest()
        let old = SetSketch(Array(Self.elements(500, &random)))
        let new = SetSketch(Array(Self.elements(10, &random)))
        for _ in 0..<200 {
            var digits = Array(old.text(keyLength: 4))
            let place = Int.random(in: digits.indices, using: &random)
            digits[place] = digits[place] == "0" ? "1" : "0"
            let damaged = try #require(
                SetSketch(String(digits), checksum: old.checksum, keyLength: 4))
            #expect(old.difference(from: damaged) == nil)
            #expect(new.difference(from: damaged) == nil)
        }
    }

    @Test(arguments: [UInt32(2), 4, 12, 16])
    func theTextIsReadAgain(keyLength: UInt32) throws {
        var random = SeededGenerator.forTest()
        let mask = keyLength == 16 ? UInt128.max : UInt128(1) << UInt128(keyLength * 8) - 1
        let elements = (0..<3000).map { _ in
            let key = (UInt128(random.next()) << 64 | UInt128(random.next())) & mask
            return ElementRange(first: key, last: key | 1)
        }
        let sketch = SetSketch(elements)
        let text = sketch.text(keyLength: keyLength)
        #expect(
            SetSketch(text, checksum: sketch.checksum, keyLength: keyLength) == sketch)
        #expect(SetSketch(text + "00", checksum: sketch.checksum, keyLength: keyLength) == nil)
        #expect(SetSketch("zz", checksum: sketch.checksum, keyLength: keyLength) == nil)
    }
}
