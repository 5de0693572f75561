import FuzzTargets
import Testing

/// Large inputs are read or refused in reasonable time.
@Suite(.serialized)
struct LargeInputTests {
    /// The time limit only detects hangs.
    ///
    /// An input that takes seconds in a debug build takes less than one in a release build.
    @Test(.timeLimit(.minutes(2)), arguments: LargeInput.all)
    func largeInputIsReadOrRefusedInTime(input: LargeInput) throws {
        let target = try #require(FuzzTarget.named(input.target))
        try target.check(input.bytes)
    }

    @Test func everyFuzzerHasLargeInputs() {
        #expect(Set(LargeInput.all.map(\.target)) == Set(FuzzTarget.all.map(\.name)))
    }
}
