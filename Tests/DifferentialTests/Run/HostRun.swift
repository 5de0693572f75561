import ConfigurationGenerator
import Rehearsal
import RuleTrace
import TproxyTestSupport

/// All trials on one host, in one network.
struct HostRun: Sendable {
    let host: HostUnderTest
    private(set) var configurations = 0
    private(set) var packets = 0
    /// The configurations with a setting that the host refuses, by its key.
    private(set) var refusals: [String: Int] = [:]
    /// The packets that the host can't make.
    private(set) var skipped = 0
    /// The configurations that the host can't express at all.
    private(set) var omitted = 0
    private(set) var landings: [String: Int] = [:]
    private(set) var disagreements: [Disagreement] = []
    private(set) var loading = Duration.zero
    private(set) var sending = Duration.zero

    init(_ trials: [Trial], on host: HostUnderTest) throws {
        self.host = host
        try StandingRehearsal.run(networks: ConfigurationGenerator.networks) { rehearsal in
            try host.with { loader in
                for trial in trials {
                    guard let part = try host.part(of: trial) else {
                        omitted += 1
                        continue
                    }
                    try run(part, &rehearsal, loader)
                }
            }
        }
    }

    private mutating func run(
        _ trial: Trial, _ rehearsal: inout StandingRehearsal, _ loader: any RulesLoader
    ) throws {
        let clock = ContinuousClock()
        configurations += 1
        skipped += trial.skipped
        for key in trial.refusedKeys { refusals[key, default: 0] += 1 }
        do {
            loading += try clock.measure { try loader.load(trial.plan.ruleset) }
        } catch {
            add(trial, .refused("\(error)"))
            return
        }
        var results: [RehearsalResult] = []
        sending += try clock.measure {
            results = try rehearsal.send(trial.paths, trial.plan.setting)
        }
        packets += results.count
        for (result, explanation) in zip(results, trial.explanations) {
            landings[Self.words(result.landing), default: 0] += 1
            guard !result.isAsExpected(explanation) else { continue }
            add(trial, .landed(result, explanation))
        }
    }

    private mutating func add(_ trial: Trial, _ kind: Disagreement.Kind) {
        disagreements.append(
            Disagreement(seed: trial.seed, plan: trial.plan, host: host, kind: kind))
    }

    private static func words(_ landing: Landing) -> String {
        switch landing {
        case .proxy: "proxy"
        case .destination: "destination"
        case .nowhere: "nowhere"
        }
    }

    /// What was left out.
    private var left: String {
        guard skipped > 0 || !refusals.isEmpty else { return "" }
        let keys = refusals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value) times" }
        return ", \(skipped) skipped, refused: \(keys.joined(separator: ", "))"
    }

    var summary: String {
        let places = landings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let seconds = [loading, sending].map { "\($0.components.seconds)" }
        return "  \(host): \(configurations) configurations, \(packets) packets"
            + " (\(places.joined(separator: ", ")))\(left), \(disagreements.count) disagreements"
            + " of \(Set(disagreements.map(\.seed)).count) configurations,"
            + " \(seconds[0]) s loading, \(seconds[1]) s sending"
    }
}
