import ConfigurationGenerator
import Rehearsal
import RuleIR
import RuleTrace
import TproxyTestSupport

/// A mistake that a backend might make, made in the lowered rules.
struct Fault<Lowered>: Sendable {
    let name: String
    /// The lowered rules with the mistake; nil if they can't have it.
    let change: @Sendable (Lowered) -> Lowered?

    init(_ name: String, _ change: @escaping @Sendable (Lowered) -> Lowered?) {
        self.name = name
        self.change = change
    }
}

/// Searches a packet whose outcome a mistake changes.
struct FaultSearch {
    struct Finding {
        var configurations: Int
        var packets: Int
        /// The wrong outcome; nil if there was none.
        var words: String?
    }

    /// How many configurations that can have the mistake are tried.
    static let mostConfigurations = 12

    /// The same for each fault.
    private let trials: [Trial]

    init(seed: UInt64, count: Int) throws {
        self.init(try Trial.all(seed: seed, count: count))
    }

    init(_ trials: [Trial]) {
        self.trials = trials
    }

    /// Loads the rules of each configuration with the mistake, and sends its packets.
    func find<Lowered>(
        _ fault: Fault<Lowered>, lower: (Ruleset) throws -> Lowered,
        _ rehearsal: inout StandingRehearsal, load: (Lowered, Ruleset) throws -> Void
    ) throws -> Finding {
        var finding = Finding(configurations: 0, packets: 0)
        for trial in trials where !trial.plan.ruleset.asksDocker {
            guard finding.configurations < Self.mostConfigurations else { break }
            let ruleset = trial.plan.ruleset
            guard let mutant = fault.change(try lower(ruleset)) else { continue }
            finding.configurations += 1
            try load(mutant, ruleset)
            let results = try rehearsal.send(trial.paths, trial.plan.setting)
            for (result, explanation) in zip(results, trial.explanations) {
                finding.packets += 1
                guard !result.isAsExpected(explanation) else { continue }
                finding.words = Self.words(result, explanation)
                return finding
            }
        }
        return finding
    }

    private static func words(_ result: RehearsalResult, _ explanation: Explanation) -> String {
        let packet = result.path.packet
        let owner = packet.owner.map { " by \($0)" } ?? ""
        var landed = "\(result.landing)"
        if !result.isAnswered { landed += ", no answer" }
        if let zone = result.conntrackZone, zone != explanation.conntrackZone {
            landed += ", zone \(zone) for \(explanation.conntrackZone)"
        }
        return "\(packet.transport.rawValue) \(packet.source) > \(packet.destination)"
            + ":\(packet.destinationPort)\(owner): \(landed) instead of"
            + " \(Landing(explanation.outcome))"
    }
}
