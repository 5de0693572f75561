import HostFacts
import RuleTrace
import TproxyTestSupport

/// The outcome of a packet with a configuration: `15001`, `bypassed`, `untouched`, `dropped`.
func verdict(
    _ yaml: String, _ packet: Packet, on facts: HostFacts = HostFacts()
) throws -> String {
    let explanation = RuleTrace(try Configuration.compile(yaml, on: facts).ruleset).explain(packet)
    return switch explanation.outcome {
    case .redirected(let port): "\(port)"
    case .translated: "translated"
    case .bypassed: "bypassed"
    case .untouched: "untouched"
    case .dropped: "dropped"
    }
}

/// The configuration key of the deciding rule.
func decidingKey(
    _ yaml: String, _ packet: Packet, on facts: HostFacts = HostFacts()
) throws -> String? {
    RuleTrace(try Configuration.compile(yaml, on: facts).ruleset).explain(packet).decisive?.key
}
