import Addressing
import CEBPF
import RuleIR

extension ProgramPlan {
    /// Reads what the programs evaluate; nil if this version wouldn't write it.
    ///
    /// The record names the rules and the sets, and the image has everything that decides.
    init?(_ image: ProgramImage, _ record: LoadRecord) {
        self.init()
        var configuration = tproxy_ebpf_configuration()
        guard image.configuration.count == MemoryLayout<tproxy_ebpf_configuration>.size else {
            return nil
        }
        unsafe withUnsafeMutableBytes(of: &configuration) {
            unsafe $0.copyBytes(from: image.configuration)
        }
        names = record.names
        families = record.families
        inbound = Int(configuration.inbound)
        inboundPort = Port(configuration.inbound_port)
        proxyPorts = unsafe withUnsafeBytes(of: &configuration.proxy_ports) { bytes in
            unsafe bytes.bindMemory(to: UInt16.self).compactMap { Port($0) }
        }
        guard let rules = record.countedRules,
            decodeFlows(&configuration), decodeSteps(&configuration),
            steps.indices.contains(inbound), decodeSets(image)
        else { return nil }
        self.rules = rules
    }

    private mutating func decodeFlows(_ configuration: inout tproxy_ebpf_configuration) -> Bool {
        let count = names.flows.map(\.range.upperBound).max() ?? 0
        guard count <= Limit.flows else { return false }
        flows = unsafe withUnsafeBytes(of: &configuration.flows) { bytes in
            unsafe bytes.bindMemory(to: tproxy_ebpf_flow.self).prefix(count).compactMap {
                FlowRectangle($0)
            }
        }
        return flows.count == count
    }

    /// The steps end with that of the incoming connections.
    private mutating func decodeSteps(_ configuration: inout tproxy_ebpf_configuration) -> Bool {
        let encoded = unsafe withUnsafeBytes(of: &configuration.steps) { bytes in
            unsafe Array(bytes.bindMemory(to: tproxy_ebpf_step.self))
        }
        var family: AddressFamily?
        for (index, one) in encoded.enumerated() {
            guard let step = Step(one, family: family) else { return false }
            steps.append(step)
            if case .test(.family(let tested), _, _) = step { family = tested }
            if case .end = step, index >= inbound { return true }
        }
        return false
    }

    private mutating func decodeSets(_ image: ProgramImage) -> Bool {
        addressSets = Array(repeating: [], count: names.addresses.count)
        for key in image.prefixes {
            guard names.addresses.indices.contains(key.set),
                let prefix = key.prefix(names.addresses[key.set].family)
            else { return false }
            addressSets[key.set].append(prefix)
        }
        portSets = image.ports.map { Self.ranges($0) }
        return portSets.count == names.ports.count
    }

    /// Returns the ranges of the bits that are set.
    private static func ranges(_ bits: [UInt8]) -> [PortRange] {
        var ranges: [PortRange] = []
        var first: Int?
        for number in 0...bits.count * 8 {
            let isSet = number < bits.count * 8 && bits[number >> 3] & (1 << (number & 7)) != 0
            if isSet {
                first = first ?? number
            } else if let start = first {
                if let low = Port(start), let high = Port(number - 1),
                    let range = PortRange(low, high)
                {
                    ranges.append(range)
                }
                first = nil
            }
        }
        return ranges
    }
}

extension ProgramPlan.Step {
    /// Reads a step; `family` is that of the addresses, which the test before it is about.
    fileprivate init?(_ step: tproxy_ebpf_step, family: AddressFamily?) {
        let rule = Int(step.rule)
        switch UInt32(step.kind) {
        case TPROXY_EBPF_END.rawValue: self = .end
        case TPROXY_EBPF_GO_TO.rawValue: self = .goTo(Int(step.otherwise), rule: rule)
        case TPROXY_EBPF_BYPASS.rawValue: self = .bypass(rule: rule)
        case TPROXY_EBPF_REDIRECT.rawValue:
            guard let port = Port(step.value) else { return nil }
            self = .redirect(port, rule: rule)
        case _:
            guard let test = ProgramPlan.Test(step, family: family) else { return nil }
            self = .test(
                test, isNegated: step.is_negated != 0, otherwise: Int(step.otherwise))
        }
    }
}

extension ProgramPlan.Test {
    fileprivate init?(_ step: tproxy_ebpf_step, family: AddressFamily?) {
        let value = Int(step.value)
        switch UInt32(step.kind) {
        case TPROXY_EBPF_IS_FAMILY.rawValue:
            guard let family = AddressFamily(ipVersion: step.value) else { return nil }
            self = .family(family)
        case TPROXY_EBPF_IS_TRANSPORT.rawValue:
            guard let transport = TransportProtocol(ipNumber: step.value) else { return nil }
            self = .transport(transport)
        case TPROXY_EBPF_IS_SOURCE.rawValue:
            guard let family, let prefix = IPPrefix(step, family) else { return nil }
            self = .source(prefix)
        case TPROXY_EBPF_IS_SOURCE_IN_SET.rawValue: self = .sourceInSet(value)
        case TPROXY_EBPF_IS_DESTINATION.rawValue:
            guard let family, let prefix = IPPrefix(step, family) else { return nil }
            self = .destination(prefix)
        case TPROXY_EBPF_IS_DESTINATION_IN_SET.rawValue: self = .destinationInSet(value)
        case TPROXY_EBPF_IS_SOURCE_PORT.rawValue:
            guard let port = Port(step.value) else { return nil }
            self = .sourcePort(port)
        case TPROXY_EBPF_IS_SOURCE_PORT_IN_SET.rawValue: self = .sourcePortInSet(value)
        case TPROXY_EBPF_IS_DESTINATION_PORT.rawValue:
            guard let port = Port(step.value) else { return nil }
            self = .destinationPort(port)
        case TPROXY_EBPF_IS_DESTINATION_PORT_IN_SET.rawValue: self = .destinationPortInSet(value)
        case TPROXY_EBPF_IS_OWNER.rawValue:
            guard let user = UserID(step.value) else { return nil }
            self = .owner(user)
        case TPROXY_EBPF_IS_OWNED_FLOW.rawValue:
            self = .ownedFlow(value..<value + Int(step.count))
        case TPROXY_EBPF_IS_LOCAL.rawValue: self = .local
        case _: return nil
        }
    }
}

extension IPPrefix {
    fileprivate init?(_ step: tproxy_ebpf_step, _ family: AddressFamily) {
        var (address, mask) = (step.address, step.mask)
        let bytes = unsafe withUnsafeBytes(of: &address) { unsafe Array($0) }
        let bits = unsafe withUnsafeBytes(of: &mask) { bytes in
            unsafe bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        }
        self.init(mapped: bytes, length: bits, family)
    }

    /// Reads a prefix in the programs' form, in which IPv4 is mapped.
    fileprivate init?(mapped bytes: some Collection<UInt8>, length: Int, _ family: AddressFamily) {
        let width = family.bitWidth
        guard length >= 128 - width else { return nil }
        self.init(
            IPAddress(family: family, bytes: bytes.suffix(width / 8)),
            length: length - (128 - width))
    }
}

extension PrefixKey {
    /// The number of the set.
    fileprivate var set: Int { Int(word(at: 4)) }

    fileprivate func prefix(_ family: AddressFamily) -> IPPrefix? {
        IPPrefix(mapped: bytes.dropFirst(8), length: Int(word(at: 0)) - 32, family)
    }

    private func word(at place: Int) -> UInt32 {
        guard bytes.count == Self.size else { return .max }
        return unsafe bytes.withUnsafeBytes {
            unsafe $0.loadUnaligned(fromByteOffset: place, as: UInt32.self)
        }
    }
}

extension FlowRectangle {
    fileprivate init?(_ flow: tproxy_ebpf_flow) {
        guard let first = UserID(flow.first_owner), let last = UserID(flow.last_owner),
            let owners = UserIDRange(first, last), let low = Port(flow.first_port),
            let high = Port(flow.last_port), let ports = PortRange(low, high),
            let transport = TransportProtocol(ipNumber: UInt32(flow.transport))
        else { return nil }
        self.init(owners: owners, transport: transport, ports: ports)
    }
}

extension TransportProtocol {
    fileprivate init?(ipNumber: UInt32) {
        guard let found = Self.allCases.first(where: { $0.ipNumber == ipNumber }) else {
            return nil
        }
        self = found
    }
}

extension AddressFamily {
    fileprivate init?(ipVersion: UInt32) {
        guard let found = Self.allCases.first(where: { $0.ipVersion == ipVersion }) else {
            return nil
        }
        self = found
    }
}
