import Foundation

/// Random numbers that come again with the same seed (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    /// What to set `TPROXY_TEST_SEED` to, to have the same numbers again.
    package let seed: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// With the seed of the environment, or a new one.
    package static func forTest() -> SeededGenerator {
        let given = ProcessInfo.processInfo.environment["TPROXY_TEST_SEED"].flatMap { UInt64($0) }
        return SeededGenerator(seed: given ?? .random(in: 0...UInt64(UInt32.max)))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
