import ConfigurationGenerator
import EBPFBackend
import Rehearsal
import RuleIR
import RuleTrace
import TproxyTestSupport

/// One configuration, its packets, and the interpreter's explanation of each.
struct Trial: Sendable {
    static let packetsEach = 100

    let seed: UInt64
    let plan: GeneratedPlan
    let paths: [RehearsalPath]
    let explanations: [Explanation]
    /// The keys that a host refuses, which were left out.
    private(set) var refusedKeys: [String] = []
    /// How many packets that a host can't make were left out.
    private(set) var skipped = 0

    /// The trial of a seed; trial n of a run with the seed S has the seed S + n.
    init(seed: UInt64) throws {
        try self.init(ConfigurationGenerator.configuration(seed: seed), seed: seed)
    }

    /// `seed` is that of the packets.
    init(_ configuration: GeneratedConfiguration, seed: UInt64) throws {
        let plan = try GeneratedPlan(configuration)
        self.init(plan, plan.paths(Self.packetsEach, seed: seed), seed: seed)
    }

    private init(_ plan: GeneratedPlan, _ paths: [RehearsalPath], seed: UInt64) {
        self.seed = seed
        self.plan = plan
        self.paths = paths
        let trace = RuleTrace(plan.ruleset)
        explanations = paths.map { trace.explain($0.packet) }
    }

    /// Returns the trial without the settings that eBPF refuses, and with as many packets of
    /// sockets; nil if the rules exceed a limit of eBPF.
    ///
    /// Throws the refusal if the configuration doesn't have its key.
    func ofSockets() throws -> Trial? {
        var (configuration, keys) = (plan.configuration, [String]())
        while true {
            let plan = try GeneratedPlan(configuration)
            do {
                _ = try EBPFEmitter().emit(plan.ruleset)
            } catch RulesetProblem.limitExceeded(_, by: "ebpf", limit: _, instead: "nft") {
                return nil
            } catch {
                guard
                    case .unsupportedRule(let rule, by: "ebpf", reason: _, instead: "nft") = error,
                    configuration.entries.contains(where: { $0.path == rule.rationale.key })
                else { throw error }
                keys.append(rule.rationale.key)
                configuration.entries.removeAll { $0.path == rule.rationale.key }
                continue
            }
            let all = plan.paths(2 * Self.packetsEach, seed: seed)
            let isTaken = all.map { $0.isOfHostSocket(plan.setting) }
            let taken = all.indices.filter { isTaken[$0] }.prefix(Self.packetsEach)
            var part = Trial(plan, taken.map { all[$0] }, seed: seed)
            part.refusedKeys = keys
            part.skipped = (taken.last.map { $0 + 1 } ?? all.count) - taken.count
            return part
        }
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
