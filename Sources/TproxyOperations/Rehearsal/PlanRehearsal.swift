import Addressing
import Diagnostics
import HostFacts
package import Rehearsal
import RuleIR
import TproxyConfig

/// Rehearses a plan in temporary namespaces, with real packets.
package struct PlanRehearsal {
    package let setting: RehearsalSetting
    private let plan: Plan
    private let choice: BackendChoice

    package init(_ plan: Plan, _ choice: BackendChoice) {
        self.plan = plan
        self.choice = choice
        setting = RehearsalSetting(plan)
    }

    /// Loads the rules and sends the packets of `paths`.
    package func run(_ paths: [RehearsalPath]) throws(OperationFailure) -> [RehearsalResult] {
        // What a backend keeps outside the namespaces lasts until the packets are sent.
        var rehearsing: (any Backend)?
        defer { withExtendedLifetime(rehearsing) {} }
        do {
            return try Rehearsal(setting, paths: paths).run {
                let selection = plan.backends
                let backend = try selection.backend(of: choice).rehearsing()
                rehearsing = backend
                try backend.prepareRehearsal(of: plan.ruleset)
                _ = try backend.apply(plan.ruleset)
            }
        } catch let failure as OperationFailure {
            throw failure
        } catch let error as BackendError {
            throw OperationFailure(error.diagnostic)
        } catch let error as RehearsalError {
            throw OperationFailure(error.diagnostic)
        } catch {
            throw OperationFailure(.error(id: "rehearsal-failed", "\(error)"))
        }
    }
}

extension RehearsalSetting {
    /// Extracts the properties of a plan that a rehearsal uses.
    fileprivate init(_ plan: Plan) {
        let redirect = plan.config.redirect
        self.init(
            proxyUser: plan.proxyUser, outboundPort: redirect.outbound.port.value,
            inboundPort: redirect.inbound.port.value, dnsPort: redirect.dns.port.value,
            resolvers: plan.facts.resolvers,
            networks: Self.networks(redirect.vnet.networks.value.map(\.value)))
    }

    /// Returns one network for each interface; a pattern is replaced by a matching name.
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

extension RehearsalError {
    fileprivate var diagnostic: Diagnostic {
        switch self {
        case .notPermitted(let step):
            .error(
                id: "not-permitted", "\(step) isn't permitted",
                help: "run it as root: a rehearsal creates namespaces and sockets of other users")
        case .setUpFailed(let step, let reason):
            .error(id: "rehearsal-failed", "\(step) failed: \(reason)")
        }
    }
}
