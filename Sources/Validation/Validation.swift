import Addressing
import Glibc
package import RuleTrace
import Sockets

/// Proves with real connections that the loaded rules of this network namespace do what a
/// configuration says.
///
/// Needs no privilege. A path that needs the UID of the proxy, or another one, is proved if the process
/// has that UID or CAP_SETUID. The listeners are on the proxy's ports if they are free. If the proxy
/// has them, the kernel's list of sockets says which port has a connection.
package struct Validation: Sendable {
    /// The time in which a connection arrives that has to.
    ///
    /// Delivery takes less than a millisecond.
    private let timeout: Duration
    /// The time in which a connection would arrive that must not.
    private static let quiet = Duration.milliseconds(500)

    private let setting: ValidationSetting
    private let trace: RuleTrace
    private let addresses: LocalAddresses

    /// `addresses` are those of this host, with the prerequisites of the rules.
    package init(
        _ setting: ValidationSetting, _ trace: RuleTrace, on addresses: LocalAddresses,
        timeout: Duration
    ) {
        self.setting = setting
        self.trace = trace
        self.addresses = addresses
        self.timeout = timeout
    }

    /// Makes the connections; returns a result for each path that the configuration has.
    package func run() -> [PathResult] {
        let owners = AvailableOwners(
            own: UserID(geteuid()) ?? .root, hasOthers: Self.hasOtherOwners)
        let isProxy = owners.contains(setting.proxyUser)
        var listeners = ValidationListeners(
            places, owner: isProxy && owners.own != setting.proxyUser ? setting.proxyUser : nil)
        var applicationPorts: [AddressFamily: Port] = [:]
        for family in setting.families {
            applicationPorts[family] = listeners.addApplication(
                at: ProbeChoice.applicationAddress(family))
        }
        let choices = ProbeChoice(
            setting, trace, addresses, owners, applicationPorts: applicationPorts
        ).all
        let exchange = ProbeExchange(
            choices.compactMap { if case .probe(let probe) = $0 { probe } else { nil } },
            listeners, listensAsProxy: isProxy, timeout: timeout, quiet: Self.quiet)
        var proved = exchange.run(own: owners.own, proxyPorts)[...]
        return choices.compactMap { choice in
            switch choice {
            case .unproved(let result): result
            // The exchange returns the results in the order of its probes.
            case .probe: proved.popFirst()
            }
        }
    }

    private var proxyPorts: [Port] {
        [setting.inboundPort, setting.outboundPort, setting.dnsPort]
    }

    private var places: [ValidationListeners.Place] {
        setting.families.flatMap { family in
            [setting.inboundPort, setting.outboundPort].map {
                ValidationListeners.Place(transport: .tcp, family: family, port: $0)
            } + [
                ValidationListeners.Place(transport: .udp, family: family, port: setting.dnsPort)
            ]
        }
    }

    /// Whether this process can have sockets of another UID.
    private static var hasOtherOwners: Bool {
        guard let other = UserID(geteuid() == 1 ? 2 : 1) else { return false }
        return (try? Socket(.datagram, .ipv4, owner: other)) != nil
    }
}
