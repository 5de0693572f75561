package import Addressing
package import ConfigurationGenerator
import HostFacts
package import Rehearsal
package import RuleIR
package import RuleTrace
package import TproxyConfig

/// A generated configuration, loaded like a user's from a file and the environment, and its rules.
package struct GeneratedPlan: Sendable {
    package var configuration: GeneratedConfiguration
    package var config: TproxyConfig
    package var ruleset: Ruleset

    /// Throws `Configuration.Refused` if the program finds it invalid.
    package init(_ configuration: GeneratedConfiguration) throws {
        self.configuration = configuration
        config = try Configuration.load(
            configuration.yaml, environment: configuration.environment
        ).get().config
        ruleset = Configuration.compile(config, on: configuration.facts).ruleset
    }

    package var proxyUser: UserID {
        if case .id(let user) = config.kumaDPUser.value {
            user
        } else {
            configuration.facts.proxyUser
        }
    }

    /// The setting of the rehearsal: networks and the proxy.
    package var setting: RehearsalSetting {
        RehearsalSetting(
            proxyUser: proxyUser, outboundPort: config.redirect.outbound.port.value,
            inboundPort: config.redirect.inbound.port.value,
            dnsPort: config.redirect.dns.port.value, resolvers: configuration.facts.resolvers,
            networks: ConfigurationGenerator.networks)
    }

    /// `count` packets at the edges of the rules.
    package func paths(_ count: Int, seed: UInt64) -> [RehearsalPath] {
        EdgePaths.paths(count, for: ruleset, setting, seed: seed)
    }

    /// The addresses of the rehearsal's host.
    package var localAddresses: LocalAddresses {
        let outside = AddressFamily.allCases.map { family in
            LocalAddresses.Entry(
                interface: RehearsalNetwork.interface,
                address: RehearsalNetwork.addresses(family).host)
        }
        let networks = setting.networks.map {
            LocalAddresses.Entry(interface: $0.interface, address: $0.hostAddress)
        }
        return LocalAddresses(loopback: .loopback, entries: outside + networks)
    }
}
