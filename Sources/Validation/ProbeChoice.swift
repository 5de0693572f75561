import Addressing
import RuleIR
import RuleTrace
import Sockets

/// Chooses a connection for each path.
///
/// `RuleTrace` says what the rules do to a packet, so that no list of the configuration, such as an
/// excluded port, can make a choice wrong.
struct ProbeChoice {
    /// What to do about one path.
    enum Choice {
        case probe(Probe)
        case unproved(PathResult)
    }

    private let setting: ValidationSetting
    private let trace: RuleTrace
    private let addresses: LocalAddresses
    private let owners: AvailableOwners
    /// The port of the application that the proxy connects to, for each family.
    private let applicationPorts: [AddressFamily: Port]

    init(
        _ setting: ValidationSetting, _ trace: RuleTrace, _ addresses: LocalAddresses,
        _ owners: AvailableOwners, applicationPorts: [AddressFamily: Port]
    ) {
        self.setting = setting
        self.trace = trace
        self.addresses = addresses
        self.owners = owners
        self.applicationPorts = applicationPorts
    }

    /// The choices of all paths that the configuration has.
    var all: [Choice] {
        setting.families.flatMap { family in
            ValidatedPath.Kind.allCases.compactMap { choice(of: ValidatedPath($0, family)) }
        }
    }

    private func choice(of path: ValidatedPath) -> Choice? {
        switch path.kind {
        case .inbound: inbound(path)
        case .outbound:
            redirected(path, to: setting.outboundPort, .tcp, outboundTargets(path.family))
        case .dns: redirected(path, to: setting.dnsPort, .udp, dnsTargets(path.family))
        case .application: application(path)
        case .proxy: proxys(path, beside: .outbound, .tcp, outboundTargets(path.family))
        case .proxyDNS: proxys(path, beside: .dns, .udp, dnsTargets(path.family))
        }
    }

    // MARK: Paths

    /// The proxy connects to 127.0.0.6 or ::6, as the validator of Kuma does.
    private func inbound(_ path: ValidatedPath) -> Choice? {
        let destination = IPAddress.passthroughSource(path.family)
        let ports = (20_000...20_020).compactMap { Port($0) }
        for port in ports where !proxyPorts.contains(port) {
            // The kernel would choose ::6 itself as the source.
            let packet = self.packet(
                .tcp, setting.proxyUser, from: .localhost(path.family), to: destination, port)
            let explanation = trace.explain(packet)
            guard explanation.outcome == .redirected(to: setting.inboundPort) else { continue }
            let probe = Probe(path, packet, .redirected(to: setting.inboundPort), explanation)
            return ofProxy(probe)
        }
        return nil
    }

    /// The proxy connects to the application from 127.0.0.6 or ::6.
    private func application(_ path: ValidatedPath) -> Choice? {
        let source = IPAddress.passthroughSource(path.family)
        let destination = Self.applicationAddress(path.family)
        guard inbound(ValidatedPath(.inbound, path.family)) != nil else { return nil }
        guard let port = applicationPorts[path.family] else {
            return unproved(
                path, "no socket of this host can have the address \(destination)",
                expected: "the application")
        }
        let packet = self.packet(.tcp, setting.proxyUser, from: source, to: destination, port)
        let explanation = trace.explain(packet)
        guard !isRedirected(explanation) else { return nil }
        return ofProxy(Probe(path, packet, .received, explanation))
    }

    /// An application connects to one of `targets`.
    private func redirected(
        _ path: ValidatedPath, to port: Port, _ transport: TransportProtocol, _ targets: [Target]
    ) -> Choice? {
        var refusal: String?
        for target in targets {
            for owner in Self.applications + [owners.own] where owner != setting.proxyUser {
                let packet = self.packet(transport, owner, to: target.address, target.port)
                let explanation = trace.explain(packet)
                guard explanation.outcome == .redirected(to: port) else { continue }
                let probe = Probe(path, packet, .redirected(to: port), explanation)
                guard owners.contains(owner) else {
                    let words = "a UID other than the proxy's \(setting.proxyUser)"
                    refusal = refusal ?? owners.reason(lacking: words)
                    continue
                }
                guard let reason = unreachable(target) else { return .probe(probe) }
                refusal = refusal ?? reason
            }
        }
        return refusal.map { unproved(path, $0, expected: "port \(port)") }
    }

    /// The proxy connects to a destination to which applications are redirected.
    private func proxys(
        _ path: ValidatedPath, beside kind: ValidatedPath.Kind, _ transport: TransportProtocol,
        _ targets: [Target]
    ) -> Choice? {
        let port = kind == .dns ? setting.dnsPort : setting.outboundPort
        var refusal: String?
        for target in targets {
            let isRedirectedForOthers = Self.applications.contains { owner in
                trace.explain(
                    self.packet(transport, owner, to: target.address, target.port)
                ).outcome
                    == .redirected(to: port)
            }
            let packet = self.packet(
                transport, setting.proxyUser, to: target.address, target.port)
            let explanation = trace.explain(packet)
            guard isRedirectedForOthers, !isRedirected(explanation) else { continue }
            if let reason = unreachable(target) {
                refusal = refusal ?? reason
                continue
            }
            return ofProxy(Probe(path, packet, .notRedirected, explanation))
        }
        return refusal.map { unproved(path, $0, expected: "not redirected") }
    }

    private func ofProxy(_ probe: Probe) -> Choice {
        guard owners.contains(setting.proxyUser) else {
            return .unproved(
                probe.result(
                    .unproved(owners.reason(lacking: "the proxy's UID \(setting.proxyUser)"))))
        }
        return .probe(probe)
    }

    private func unproved(_ path: ValidatedPath, _ reason: String, expected: String) -> Choice {
        .unproved(
            PathResult(
                path: path, connection: "", expected: expected, rule: "-",
                verdict: .unproved(reason)))
    }

    private func isRedirected(_ explanation: Explanation) -> Bool {
        if case .redirected = explanation.outcome { return true }
        return false
    }

    // MARK: Packets

    private struct Target {
        var address: IPAddress
        var port: Port
    }

    /// Ordinary accounts; the configuration may exclude one of them.
    private static let applications = [UserID.arbitrary, UserID(65_534), .root].compactMap { $0 }

    /// Addresses that no host has: RFC 5737 and RFC 3849.
    private static func farAddresses(_ family: AddressFamily) -> [IPAddress] {
        let texts =
            switch family {
            case .ipv4: ["192.0.2.1", "198.51.100.1", "203.0.113.1"]
            case .ipv6: ["2001:db8::1", "2001:db8:ffff::1"]
            }
        return texts.compactMap { IPAddress($0) }
    }

    /// The own address at which the application listens.
    ///
    /// No rule redirects a connection to 127.0.0.1 or ::1, so that one would prove nothing.
    static func applicationAddress(_ family: AddressFamily) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(family: .ipv4, bits: 0x7F00_0002)
        case .ipv6: .passthroughSource(.ipv6)
        }
    }

    private var proxyPorts: [Port] {
        [setting.inboundPort, setting.outboundPort, setting.dnsPort]
    }

    private func outboundTargets(_ family: AddressFamily) -> [Target] {
        let ports = setting.includedPorts + [.web, .secureWeb, .service, .ephemeral]
        return Self.farAddresses(family).flatMap { address in
            ports.map { Target(address: address, port: $0) }
        }
    }

    /// A server that doesn't exist can't answer in place of the proxy; a resolver can.
    private func dnsTargets(_ family: AddressFamily) -> [Target] {
        let resolvers = setting.resolvers.filter { $0.family == family }
        return (Self.farAddresses(family) + resolvers + [.localhost(family)]).map {
            Target(address: $0, port: .dns)
        }
    }

    private func packet(
        _ transport: TransportProtocol, _ owner: UserID, from source: IPAddress? = nil,
        to destination: IPAddress, _ port: Port
    ) -> Packet {
        Packet(
            direction: .outgoing, transport: transport, owner: owner,
            source: source ?? .unspecified(destination.family), destination: destination,
            destinationPort: port, interface: addresses.route(to: destination))
    }

    /// Returns why no packet can be sent to the target; nil if one can.
    ///
    /// Connecting a datagram socket asks the kernel for the route and sends nothing.
    private func unreachable(_ target: Target) -> String? {
        do throws(SocketError) {
            let socket = try Socket(.datagram, target.address.family)
            try socket.connect(to: SocketAddress(target.address, target.port.number))
            return nil
        } catch {
            return "this host has no route to \(target.address): \(error.reason)"
        }
    }
}
