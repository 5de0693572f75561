import HostFacts
import RuleTrace
import TproxyTestSupport

/// What a configuration does with a packet, in a word: `15001`, `exempt`, `untouched`, `dropped`.
func verdict(
    _ yaml: String, _ packet: Packet, on facts: HostFacts = HostFacts()
) throws -> String {
    let explanation = RuleTrace(try Configuration.compile(yaml, on: facts).ruleset).explain(packet)
    return switch explanation.outcome {
    case .redirected(let port): "\(port)"
    case .translated: "translated"
    case .exempt: "exempt"
    case .untouched: "untouched"
    case .dropped: "dropped"
    }
}

/// The configuration path behind the deciding rule.
func decidingKey(
    _ yaml: String, _ packet: Packet, on facts: HostFacts = HostFacts()
) throws -> String? {
    RuleTrace(try Configuration.compile(yaml, on: facts).ruleset).explain(packet).decisive?.key
}
