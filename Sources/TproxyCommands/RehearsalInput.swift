import Addressing
import Diagnostics
import HostFacts
import Rehearsal
import RuleIR
import TproxyConfig

extension RehearsalSetting {
    /// What the rehearsal needs of a plan.
    init(_ plan: Plan) {
        let redirect = plan.config.redirect
        self.init(
            proxyUser: plan.proxyUser, outboundPort: redirect.outbound.port.value,
            inboundPort: redirect.inbound.port.value, dnsPort: redirect.dns.port.value,
            resolvers: plan.facts.resolvers,
            networks: Self.networks(redirect.vnet.networks.value.map(\.value)))
    }

    /// One network for each interface; a pattern gets an interface that it matches.
    private static func networks(_ networks: [VirtualNetwork]) -> [Network] {
        var found: [Network] = []
        for network in networks {
            let pattern = network.interface
            let name = pattern.isWildcard ? String(pattern.stem.prefix(14)) + "0" : pattern.stem
            guard let interface = InterfaceName(name),
                !found.contains(where: { $0.interface == interface })
            else { continue }
            found.append(Network(interface: interface, prefix: network.network))
        }
        return found
    }
}

/// How many packets by chance are to be sent; without a count, those of the rules are.
struct RandomSample {
    private let count: Int?
    /// Nil without a count.
    let seed: UInt64?

    init(count: Int?, seed: UInt64?) {
        self.count = count
        self.seed = count.map { _ in seed ?? .random(in: 0...UInt64(UInt32.max)) }
    }

    /// Packets by chance are called as a file for `explain --packets` has them.
    func paths(for ruleset: Ruleset, _ setting: RehearsalSetting) -> [RehearsalPath] {
        guard let count, let seed else { return PathGenerator.paths(for: ruleset, setting) }
        return RandomPaths.paths(count, for: ruleset, setting, seed: seed).map { path in
            var path = path
            path.name = PacketLine.Fields(path.packet).text
            return path
        }
    }
}

extension RehearsalError {
    var diagnostic: Diagnostic {
        switch self {
        case .notPermitted(let step):
            .error(
                id: "not-permitted", "\(step) isn't permitted",
                help: "a rehearsal makes namespaces and users' sockets: run it as root")
        case .setUpFailed(let step, let reason):
            .error(id: "rehearsal-failed", "\(step) failed: \(reason)")
        }
    }
}
