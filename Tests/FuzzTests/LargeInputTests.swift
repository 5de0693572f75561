import FuzzTargets
import Testing
import TproxyTestSupport

/// Large inputs are read or refused in reasonable time.
@Suite(.serialized)
struct LargeInputTests {
    /// An input that takes seconds in a debug build takes less than one in a release build.
    ///
    /// The time limit only detects hangs.
    @Test(.timeLimit(.minutes(15)), arguments: LargeInput.all)
    func largeInputIsReadOrRefusedInTime(input: LargeInput) throws {
        let target = try #require(FuzzTarget.named(input.target))
        let seconds = try ProcessorTime.seconds { try target.check(input.bytes) }
        #expect(seconds < 120)
    }

    @Test func everyFuzzerHasLargeInputs() {
        #expect(Set(LargeInput.all.map(\.target)) == Set(FuzzTarget.all.map(\.name)))
    }
}
