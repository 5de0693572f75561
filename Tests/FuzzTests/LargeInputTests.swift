import FuzzTargets
import Testing

/// Much of anything is read or refused in the time that so much takes.
@Suite(.serialized)
struct LargeInputTests {
    /// The limit only tells a hang from the rest.
    ///
    /// What takes seconds here, in a build for debugging, takes less than one in a release.
    @Test(.timeLimit(.minutes(2)), arguments: LargeInput.all)
    func isReadOrRefused(input: LargeInput) throws {
        let target = try #require(FuzzTarget.named(input.target))
        try target.check(input.bytes)
    }

    @Test func everyFuzzerHasSome() {
        #expect(Set(LargeInput.all.map(\.target)) == Set(FuzzTarget.all.map(\.name)))
    }
}
