import Addressing
import HostFacts

/// A fact that isn't what it was.
struct FactsDifference {
    /// As `tproxy facts` names it.
    var fact: String
    var then: String
    var now: String

    var words: String { "\(fact) was \(then) and is \(now)" }

    /// The facts that rules are made from, one by one; a reason in words is none.
    static func differences(from then: HostFacts, to now: HostFacts) -> [FactsDifference] {
        let facts: [(name: String, value: (HostFacts) -> String)] = [
            ("proxyUser", { "\($0.proxyUser)" }),
            ("loopback", { "\($0.loopback)" }),
            ("resolvers", { list($0.resolvers) }),
            ("ipv6.isUsable", { "\($0.ipv6.isUsable)" }),
            ("hasDockerDNSChain", { "\($0.hasDockerDNSChain)" }),
        ]
        return facts.compactMap { name, value in
            let former = value(then)
            let new = value(now)
            return former == new ? nil : FactsDifference(fact: name, then: former, now: new)
        }
    }

    private static func list(_ addresses: [IPAddress]) -> String {
        addresses.isEmpty ? "none" : addresses.map(\.description).joined(separator: ", ")
    }
}
