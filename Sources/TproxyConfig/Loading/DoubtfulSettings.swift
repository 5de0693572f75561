import Addressing
import Diagnostics

/// Finds settings that are valid one by one and together don't do what they say.
struct DoubtfulSettings {
    private let redirect: TproxyConfig.Redirect
    private let config: TproxyConfig

    init(_ config: TproxyConfig) {
        self.config = config
        redirect = config.redirect
    }

    var diagnostics: [Diagnostic] {
        var found = repeatedPorts + ignoredPorts
        found += excludedFamilies(
            redirect.inbound.excludePortsForIPs, of: "redirect.inbound.excludePortsForIPs",
            "from every source")
        found += excludedFamilies(
            redirect.outbound.excludePortsForIPs, of: "redirect.outbound.excludePortsForIPs",
            "to every destination")
        found += excludedVirtualIPs + disabledFamily + keysWithoutEffect
        return found
    }

    // MARK: Ports

    private struct UsedPort {
        var key: String
        var port: Setting<Port>
    }

    /// The ports to which rules redirect.
    private var usedPorts: [UsedPort] {
        var used: [UsedPort] = []
        if redirect.inbound.enabled.value {
            used.append(UsedPort(key: "redirect.inbound.port", port: redirect.inbound.port))
        }
        if redirect.outbound.enabled.value {
            used.append(UsedPort(key: "redirect.outbound.port", port: redirect.outbound.port))
        }
        if redirect.dns.enabled.value {
            used.append(UsedPort(key: "redirect.dns.port", port: redirect.dns.port))
        }
        return used
    }

    private var repeatedPorts: [Diagnostic] {
        var seen: [Port: UsedPort] = [:]
        return usedPorts.compactMap { used in
            let port = used.port.value
            guard let first = seen[port] else {
                seen[port] = used
                return nil
            }
            // At least one of the two is set, because the defaults differ.
            let origin = used.port.origin == .builtIn ? first.port.origin : used.port.origin
            return .repeatedPort("\(port)", first.key, used.key, at: origin)
        }
    }

    private var ignoredPorts: [Diagnostic] {
        let lists = [
            ("inbound", redirect.inbound.includePorts, redirect.inbound.excludePorts),
            ("outbound", redirect.outbound.includePorts, redirect.outbound.excludePorts),
        ]
        return lists.compactMap { direction, included, excluded in
            guard !included.value.isEmpty, !excluded.value.isEmpty else { return nil }
            return .ignoredPorts(
                "redirect.\(direction).excludePorts", for: "redirect.\(direction).includePorts",
                at: excluded.origin)
        }
    }

    // MARK: Addresses

    private func excludedFamilies(
        _ list: Setting<[Setting<IPPrefix>]>, of key: String, _ extent: String
    ) -> [Diagnostic] {
        AddressFamily.allCases.compactMap { family in
            list.value.first { $0.value.family == family && $0.value.length == 0 }.map { item in
                Diagnostic.excludedFamily(
                    "\(item.value)", family.displayName, extent, key, at: item.origin)
            }
        }
    }

    /// The virtual IPs of Kuma's services: 240.0.0.0/8 to 243.0.0.0/8.
    private static let virtualIPs = IPPrefix("240.0.0.0/6")

    private var excludedVirtualIPs: [Diagnostic] {
        guard let virtual = Self.virtualIPs else { return [] }
        let range = virtual.range
        // Of two prefixes that overlap, one contains the other.
        let found = redirect.outbound.excludePortsForIPs.value.filter { item in
            item.value.family == .ipv4 && item.value.length > 0
                && (range.contains(item.value.address)
                    || item.value.length < virtual.length
                        && item.value.range.contains(virtual.address))
        }
        guard let first = found.first else { return [] }
        return [
            .excludedVirtualIPs("\(first.value)", others: found.count - 1, at: first.origin)
        ]
    }

    private var disabledFamily: [Diagnostic] {
        guard config.ipFamilyMode.value == .ipv4 else { return [] }
        let inbound = redirect.inbound.excludePortsForIPs.value
        let outbound = redirect.outbound.excludePortsForIPs.value
        return [
            Self.entries(
                of: "redirect.inbound.excludePortsForIPs",
                inbound.filter { $0.value.family == .ipv6 }),
            Self.entries(
                of: "redirect.outbound.excludePortsForIPs",
                outbound.filter { $0.value.family == .ipv6 }),
            Self.entries(
                of: "redirect.vnet.networks",
                redirect.vnet.networks.value.filter { $0.value.network.family == .ipv6 }),
        ].compactMap(\.self)
    }

    private static func entries<Value: CustomStringConvertible & Hashable & Sendable>(
        of key: String, _ items: [Setting<Value>]
    ) -> Diagnostic? {
        items.first.map { first in
            Diagnostic.disabledFamily(
                "\(first.value)", others: items.count - 1, of: key, at: first.origin)
        }
    }

    // MARK: Keys

    private var keysWithoutEffect: [Diagnostic] {
        var found: [Diagnostic] = []
        let dns = redirect.dns
        if dns.captureAll.value, !dns.enabled.value {
            found.append(
                .withoutEffect(
                    "redirect.dns.captureAll", because: "redirect.dns.enabled is false",
                    at: dns.captureAll.origin,
                    help: "set redirect.dns.enabled to true, or remove redirect.dns.captureAll"))
        }
        let ebpf = config.ebpf
        guard !ebpf.enabled.value else { return found }
        let origins = [
            ebpf.instanceIP.origin, ebpf.bpffsPath.origin, ebpf.cgroupPath.origin,
            ebpf.programsSourcePath.origin, ebpf.tcAttachIface.origin,
        ]
        for case .flag(let location) in origins {
            found.append(.forEBPF(location.source, at: location))
        }
        return found
    }
}
