import Addressing
import CEBPF
import RuleIR

extension ProgramPlan {
    /// The contents of the maps.
    var image: ProgramImage {
        ProgramImage(
            configuration: configuration(ConfigurationHost()).imageBytes,
            prefixes: Set(
                addressSets.enumerated().flatMap { set, prefixes in
                    prefixes.map { PrefixKey($0, in: set) }
                }
            ).sorted(),
            ports: portSets.map(Self.bits))
    }

    /// The bit of each port of the ranges.
    private static func bits(_ ranges: [PortRange]) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: Int(TPROXY_EBPF_PORT_BYTES))
        for range in ranges {
            for port in range.first.number...range.last.number {
                bits[Int(port >> 3)] |= 1 << (port & 7)
            }
        }
        return bits
    }

    /// Returns the configuration as the programs read it, for a host.
    func configuration(_ host: ConfigurationHost) -> tproxy_ebpf_configuration {
        var result = tproxy_ebpf_configuration()
        result.magic = UInt32(TPROXY_EBPF_MAGIC)
        result.layout = UInt32(TPROXY_EBPF_LAYOUT)
        result.namespace_cookie = host.namespaceCookie
        result.interface = host.interface
        result.inbound = UInt16(clamping: inbound)
        result.inbound_port = inboundPort?.number ?? 0
        unsafe withUnsafeMutableBytes(of: &result.proxy_ports) { bytes in
            let slots = unsafe bytes.bindMemory(to: UInt16.self)
            for (index, port) in proxyPorts.prefix(slots.count).enumerated() {
                unsafe slots[index] = port.number
            }
        }
        unsafe withUnsafeMutableBytes(of: &result.steps) { bytes in
            let slots = unsafe bytes.bindMemory(to: tproxy_ebpf_step.self)
            for (index, step) in steps.prefix(slots.count).enumerated() {
                unsafe slots[index] = tproxy_ebpf_step(step)
            }
        }
        unsafe withUnsafeMutableBytes(of: &result.flows) { bytes in
            let slots = unsafe bytes.bindMemory(to: tproxy_ebpf_flow.self)
            for (index, flow) in flows.prefix(slots.count).enumerated() {
                unsafe slots[index] = tproxy_ebpf_flow(flow)
            }
        }
        return result
    }
}

/// What the configuration has of the host.
struct ConfigurationHost: Equatable {
    var namespaceCookie: UInt64 = 0
    /// The index of the interface of incoming connections; 0 for all.
    var interface: UInt32 = 0
}

extension tproxy_ebpf_configuration {
    /// The bytes without what depends on the host.
    var imageBytes: [UInt8] {
        var image = self
        image.namespace_cookie = 0
        image.interface = 0
        return unsafe withUnsafeBytes(of: &image) { bytes in unsafe Array(bytes) }
    }
}

extension tproxy_ebpf_flow {
    fileprivate init(_ flow: FlowRectangle) {
        self.init()
        first_owner = flow.owners.first.number
        last_owner = flow.owners.last.number
        first_port = flow.ports.first.number
        last_port = flow.ports.last.number
        transport = UInt8(flow.transport.ipNumber)
    }
}

extension TransportProtocol {
    /// The number in the IP header.
    var ipNumber: UInt32 {
        switch self {
        case .tcp: 6
        case .udp: 17
        }
    }
}
