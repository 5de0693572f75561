import Addressing
import RuleIR

// Whether the proxy listens where packets are redirected. A redirect in output goes to 127.0.0.1 or
// ::1; one in prerouting goes to the address of the interface on which the packet arrives.
extension Preflight {
    var listeners: [Finding] {
        // Without access to the sockets there can be no findings.
        guard !survey.unseen.contains(where: { $0.subject == .sockets }) else { return [] }
        let absent = proxyPorts.filter { onPort($0).isEmpty }
        return (absent.isEmpty ? [] : [.noListener(absent)])
            + proxyPorts.filter { !absent.contains($0) }.flatMap(shortcomings) + foreignListeners
    }

    /// Findings about listeners of users other than the proxy's, one for each user.
    private var foreignListeners: [Finding] {
        var ports: [UserID: [ProxyPort]] = [:]
        for port in proxyPorts {
            // The creator of a socket need not own it: a proxy may have been root when it began to
            // listen.
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
                // Without addresses of the family, no packets can be lost.
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

    /// Returns the addresses to which the kernel redirects packets for a port.
    private func targets(of port: ProxyPort, _ family: AddressFamily) -> [IPAddress] {
        let loopback = [Self.localhost(family)]
        // A link-local address is bound to one interface; the proxy listens on all of them or on
        // none.
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

    /// Whether the listener can receive packets of the family.
    func serves(_ family: AddressFamily) -> Bool {
        address.family == family || (isWildcard && !isIPv6Only && family == .ipv4)
    }

    /// Whether the listener receives packets to `target`.
    func takes(_ target: IPAddress) -> Bool {
        isWildcard ? serves(target.family) : address == target
    }
}

extension IPAddress {
    /// Whether the address is in 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291).
    var isLinkLocal: Bool {
        switch family {
        case .ipv4: bits >> 16 == 0xA9FE
        case .ipv6: bits >> 118 == 0x3FA
        }
    }
}
