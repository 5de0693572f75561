import Addressing
package import Diagnostics
import Glibc
import HostFacts
import RuleIR
import RuleTrace
package import TproxyConfig
package import Validation

/// Proves that the rules that are loaded here do what a plan says, with real connections.
package struct PlanValidation {
    /// The results of all paths that the configuration has.
    package let results: [PathResult]

    /// Makes the connections of every path; each takes at most `timeout`.
    package init(_ plan: Plan, timeout: Duration) {
        let subject = ExplainSubject(plan)
        results = Validation(
            ValidationSetting(plan), subject.trace, on: subject.proxy.addresses, timeout: timeout
        ).run()
    }

    /// Whether a connection was elsewhere than it has to be.
    package var isBroken: Bool { !broken.isEmpty }

    /// Errors that name the broken paths, and one if no redirection was proved at all.
    package var errors: [Diagnostic] {
        if isBroken { return broken.map { .brokenPath($0.result, because: $0.reason) } }
        let isProved = results.contains {
            $0.verdict == .proved && [.inbound, .outbound, .dns].contains($0.path.kind)
        }
        return results.isEmpty || isProved ? [] : [.nothingProved(results)]
    }

    /// Notes about the paths that no connection proved.
    package var notices: [Diagnostic] {
        results.compactMap { result in
            guard case .unproved(let reason) = result.verdict else { return nil }
            return .unprovedPath(result, because: reason)
        }
    }

    private var broken: [(result: PathResult, reason: String)] {
        results.compactMap { result in
            guard case .broken(let reason) = result.verdict else { return nil }
            return (result, reason)
        }
    }

    /// Returns a configuration for a container that the control plane starts as the proxy's user.
    ///
    /// Kuma starts its validator so, with few flags. Without an own value, that user is the proxy's;
    /// root isn't, so that Kuma's default counts.
    package static func configuration(ofContainer config: TproxyConfig) -> TproxyConfig {
        var config = config
        guard config.kumaDPUser.value == nil else { return config }
        let own = UserID(geteuid()) ?? .root
        config.kumaDPUser.value = .id(own == .root ? .kumaDefault : own)
        return config
    }
}

extension ValidationSetting {
    fileprivate init(_ plan: Plan) {
        let redirect = plan.config.redirect
        self.init(
            families: plan.ruleset.families, proxyUser: plan.proxyUser,
            inboundPort: redirect.inbound.port.value, outboundPort: redirect.outbound.port.value,
            dnsPort: redirect.dns.port.value, resolvers: plan.facts.resolvers,
            includedPorts: redirect.outbound.includePorts.value.map(\.value))
    }
}

extension Diagnostic {
    fileprivate static func brokenPath(
        _ result: PathResult, because reason: String
    ) -> Diagnostic {
        .error(
            id: "broken-path", "the path '\(result.path.name)' is broken: \(reason)",
            notes: [
                "connection: \(result.connection); expected: \(result.expected)",
                "rule: \(result.rule)",
            ],
            help: "load the rules: 'tproxy apply'; 'tproxy diff' shows what is missing or changed")
    }

    fileprivate static func unprovedPath(
        _ result: PathResult, because reason: String
    ) -> Diagnostic {
        Diagnostic(
            .note, id: "unproved-path", "the path '\(result.path.name)' is not proved: \(reason)")
    }

    fileprivate static func nothingProved(_ results: [PathResult]) -> Diagnostic {
        .error(
            id: "nothing-proved", "no redirection is proved: no connection could tell",
            help: "run it as root, or as the proxy's user, which proves incoming connections")
    }
}
