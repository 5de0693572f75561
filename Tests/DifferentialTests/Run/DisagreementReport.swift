import Foundation
import HostFacts
import Rehearsal
import RuleTrace
import TproxyTestSupport

extension Disagreement: CustomStringConvertible {
    /// Everything that reproduces it.
    var description: String {
        let configuration = plan.configuration
        let environment = configuration.environment.sorted { $0.key < $1.key }
            .map { "    \($0.key)=\($0.value)\n" }.joined()
        return """
            \(host) disagrees; again: make differential SEED=\(seed) COUNT=1
            \(words)
            configuration:
            \(configuration.yaml)\(environment.isEmpty ? "" : "environment:\n\(environment)")facts:
            \(facts)
            """
    }

    private var words: String {
        switch kind {
        case .refused(let reason): return "the rules were refused: \(reason)"
        case .landed(let result, let explanation):
            let rule = explanation.decisive.map { "\($0.rule.rationale.reason) [\($0.key)]" }
            return """
                packet: \(Self.words(result.path))
                expected: \(Landing(explanation.outcome)), zone \(explanation.conntrackZone), \
                by: \(rule ?? "no rule")
                landed: \(result.landing), answered: \(result.isAnswered), \
                original destination: \(result.keepsOriginalDestination.map { "\($0)" } ?? "-"), \
                zone \(result.conntrackZone.map { "\($0)" } ?? "-")
                """
        }
    }

    private var facts: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(plan.configuration.facts)).map {
            String(decoding: $0, as: UTF8.self)
        } ?? "-"
    }

    private static func words(_ path: RehearsalPath) -> String {
        let packet = path.packet
        return "\(packet.direction.rawValue) \(packet.transport.rawValue)"
            + " from \(packet.source) to \(packet.destination) port \(packet.destinationPort)"
            + " by \(packet.owner.map { "\($0)" } ?? "no socket") on \(packet.interface),"
            + " sent by \(path.start)"
    }
}
