import ConfigurationGenerator
import Rehearsal
import Testing
import TproxyTestSupport

/// Random configurations, the same for the same `TPROXY_TEST_SEED`.
enum GeneratedPlans {
    private static let random = SeededGenerator.forTest()

    /// Generated once for all properties.
    private static let made: [Result<(plan: GeneratedPlan, seed: UInt64), Broken>] = {
        var random = Self.random
        return (0..<1000).map { _ in
            let seed = random.next()
            do {
                let plan = try GeneratedPlan(ConfigurationGenerator.configuration(seed: seed))
                return .success((plan, seed))
            } catch {
                return .failure(Broken("configuration \(seed): \(error)"))
            }
        }
    }()

    /// Runs `body` with the first `count`, at most 1000, and the seed of each.
    ///
    /// The first error is reported with the seeds.
    static func each(_ count: Int, _ body: (GeneratedPlan, UInt64) throws -> Void) {
        for result in made.prefix(count) {
            do {
                let (plan, seed) = try result.get()
                do {
                    try body(plan, seed)
                } catch {
                    throw Broken("configuration \(seed): \(error)\n\(plan.configuration.yaml)")
                }
            } catch {
                Issue.record("test seed \(random.seed), \(error)")
                return
            }
        }
    }
}

/// The error of a property that doesn't hold.
struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Throws unless both are the same.
    static func unlessEqual<Value: Equatable>(
        _ left: Value, _ right: Value, _ words: String
    ) throws {
        guard left == right else { throw Broken("\(words): \(left) and \(right)") }
    }
}
