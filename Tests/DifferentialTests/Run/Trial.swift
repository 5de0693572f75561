import ConfigurationGenerator
import Rehearsal
import RuleTrace
import TproxyTestSupport

/// One configuration, its packets, and the interpreter's explanation of each.
struct Trial: Sendable {
    static let packetsEach = 100

    let seed: UInt64
    let plan: GeneratedPlan
    let paths: [RehearsalPath]
    let explanations: [Explanation]

    /// The trial of a seed; trial n of a run with the seed S has the seed S + n.
    init(seed: UInt64) throws {
        try self.init(ConfigurationGenerator.configuration(seed: seed), seed: seed)
    }

    /// `seed` is that of the packets.
    init(_ configuration: GeneratedConfiguration, seed: UInt64) throws {
        self.seed = seed
        plan = try GeneratedPlan(configuration)
        paths = plan.paths(Self.packetsEach, seed: seed)
        let trace = RuleTrace(plan.ruleset)
        explanations = paths.map { trace.explain($0.packet) }
    }

    static func all(seed: UInt64, count: Int) throws -> [Trial] {
        try (0..<count).map { try Trial(seed: seed &+ UInt64($0)) }
    }
}

/// A packet or a ruleset for which a host disagrees with the interpreter.
struct Disagreement: Sendable {
    enum Kind: Sendable {
        /// The rules were refused, for this reason.
        case refused(String)
        case landed(RehearsalResult, Explanation)
    }

    var seed: UInt64
    var plan: GeneratedPlan
    var host: HostUnderTest
    var kind: Kind
}
