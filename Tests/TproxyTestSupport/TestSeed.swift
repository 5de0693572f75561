import Foundation
package import Rehearsal

extension SeededGenerator {
    /// A generator with the seed of `TPROXY_TEST_SEED`, or with a new one.
    ///
    /// A test that fails prints its seed.
    package static func forTest() -> SeededGenerator {
        let given = ProcessInfo.processInfo.environment["TPROXY_TEST_SEED"].flatMap { UInt64($0) }
        return SeededGenerator(seed: given ?? .random(in: 0...UInt64(UInt32.max)))
    }
}
