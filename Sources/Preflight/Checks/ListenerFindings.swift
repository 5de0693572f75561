import Addressing
import RuleIR

// Whether somebody is there to take what is redirected. A redirection in output goes to 127.0.0.1 or
// ::1, one in prerouting to the address of the interface that the packet came in by.
extension Preflight {
    var listeners: [Finding] {
        // Without a look at the sockets nothing can be said of them.
        guard !survey.unseen.contains(where: { $0.subject == .sockets }) else { return [] }
        let absent = proxyPorts.filter { onPort($0).isEmpty }
        return (absent.isEmpty ? [] : [.noListener(absent)])
            + proxyPorts.filter { !absent.contains($0) }.flatMap(shortcomings) + strangers
    }

    /// Listeners of other users than the proxy's, a finding for each user.
    private var strangers: [Finding] {
        var ports: [UserID: [ProxyPort]] = [:]
        for port in proxyPorts {
            // Who made a socket isn't who has it: a proxy may have been root when it began to listen.
            let foreign = onPort(port).first {
                $0.program != nil && !$0.owners.contains(plan.proxyUser)
            }
            if let owner = foreign?.owners.first { ports[owner, default: []].append(port) }
        }
        return ports.sorted { $0.key < $1.key }.map {
            .listenerOwner($0.value, owner: $0.key, proxyUser: plan.proxyUser)
        }
    }

    private var proxyPorts: [ProxyPort] {
        [
            plan.inboundPort.map { ProxyPort(.inbound, $0) },
            plan.outboundPort.map { ProxyPort(.outbound, $0) },
            plan.dnsPort.map { ProxyPort(.dns, $0) },
        ].compactMap { $0 }
    }

    private func onPort(_ port: ProxyPort) -> [PreflightSurvey.Listener] {
        survey.listeners.filter { $0.transport == port.transport && $0.port == port.port }
    }

    private func shortcomings(of port: ProxyPort) -> [Finding] {
        let listeners = onPort(port)
        var findings: [Finding] = []
        for family in plan.ruleset.families {
            let bound = listeners.filter { $0.serves(family) }
            let needed = targets(of: port, family)
            if bound.isEmpty {
                // A host without such addresses has nobody to miss it.
                if !needed.isEmpty { findings.append(.listenerFamily(port, missing: family)) }
                continue
            }
            if let missed = needed.first(where: { target in
                !bound.contains { $0.takes(target) }
            }) {
                findings.append(
                    .listenerAddress(port, bound: bound.map(\.address), needed: missed))
            }
        }
        return findings
    }

    /// Where the kernel sends what is redirected to a port.
    private func targets(of port: ProxyPort, _ family: AddressFamily) -> [IPAddress] {
        let loopback = [Self.localhost(family)]
        // A link-local address is bound to one interface; the proxy listens on all or on none.
        let interfaces = survey.addresses.filter {
            $0.address.family == family && !$0.isLoopback && !$0.address.isLinkLocal
        }.map(\.address)
        switch port.role {
        case .inbound: return interfaces
        case .outbound, .dns:
            return plan.virtualNetworks.isEmpty ? loopback : loopback + interfaces
        }
    }

    private static func localhost(_ family: AddressFamily) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(family: .ipv4, bits: 0x7F00_0001)
        case .ipv6: IPAddress(family: .ipv6, bits: 1)
        }
    }
}

extension PreflightSurvey.Listener {
    private var isWildcard: Bool { address.bits == 0 }

    /// Whether it could take a packet of the family at all.
    func serves(_ family: AddressFamily) -> Bool {
        address.family == family || (isWildcard && !isIPv6Only && family == .ipv4)
    }

    /// Whether it takes what is sent to `target`.
    func takes(_ target: IPAddress) -> Bool {
        isWildcard ? serves(target.family) : address == target
    }
}

extension IPAddress {
    /// 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291).
    var isLinkLocal: Bool {
        switch family {
        case .ipv4: bits >> 16 == 0xA9FE
        case .ipv6: bits >> 118 == 0x3FA
        }
    }
}
