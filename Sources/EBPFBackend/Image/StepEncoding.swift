import Addressing
import CEBPF
import RuleIR

extension tproxy_ebpf_step {
    init(_ step: ProgramPlan.Step) {
        self.init()
        switch step {
        case .test(let test, let isNegated, let otherwise):
            set(test)
            is_negated = isNegated ? 1 : 0
            self.otherwise = UInt16(clamping: otherwise)
        case .goTo(let index, let rule):
            kind = UInt8(TPROXY_EBPF_GO_TO.rawValue)
            otherwise = UInt16(clamping: index)
            self.rule = UInt16(clamping: rule)
        case .bypass(let rule):
            kind = UInt8(TPROXY_EBPF_BYPASS.rawValue)
            self.rule = UInt16(clamping: rule)
        case .redirect(let port, let rule):
            kind = UInt8(TPROXY_EBPF_REDIRECT.rawValue)
            value = UInt32(port.number)
            self.rule = UInt16(clamping: rule)
        case .end: kind = UInt8(TPROXY_EBPF_END.rawValue)
        }
    }

    private mutating func set(_ test: ProgramPlan.Test) {
        switch test {
        case .family(let family): set(TPROXY_EBPF_IS_FAMILY, family.ipVersion)
        case .transport(let transport): set(TPROXY_EBPF_IS_TRANSPORT, transport.ipNumber)
        case .source(let prefix): set(TPROXY_EBPF_IS_SOURCE, prefix)
        case .sourceInSet(let set): self.set(TPROXY_EBPF_IS_SOURCE_IN_SET, UInt32(clamping: set))
        case .destination(let prefix): set(TPROXY_EBPF_IS_DESTINATION, prefix)
        case .destinationInSet(let set):
            self.set(TPROXY_EBPF_IS_DESTINATION_IN_SET, UInt32(clamping: set))
        case .sourcePort(let port): set(TPROXY_EBPF_IS_SOURCE_PORT, UInt32(port.number))
        case .sourcePortInSet(let set):
            self.set(TPROXY_EBPF_IS_SOURCE_PORT_IN_SET, UInt32(clamping: set))
        case .destinationPort(let port): set(TPROXY_EBPF_IS_DESTINATION_PORT, UInt32(port.number))
        case .destinationPortInSet(let set):
            self.set(TPROXY_EBPF_IS_DESTINATION_PORT_IN_SET, UInt32(clamping: set))
        case .owner(let user): set(TPROXY_EBPF_IS_OWNER, user.number)
        case .ownedFlow(let flows):
            set(TPROXY_EBPF_IS_OWNED_FLOW, UInt32(clamping: flows.lowerBound))
            count = UInt16(clamping: flows.count)
        case .local: set(TPROXY_EBPF_IS_LOCAL, 0)
        }
    }

    private mutating func set(_ kind: tproxy_ebpf_step_kind, _ value: UInt32) {
        self.kind = UInt8(kind.rawValue)
        self.value = value
    }

    private mutating func set(_ kind: tproxy_ebpf_step_kind, _ prefix: IPPrefix) {
        self.kind = UInt8(kind.rawValue)
        let network = MappedAddress.bytes(of: prefix.address)
        let bits = MappedAddress.mask(of: prefix)
        unsafe withUnsafeMutableBytes(of: &address) { unsafe $0.copyBytes(from: network) }
        unsafe withUnsafeMutableBytes(of: &mask) { unsafe $0.copyBytes(from: bits) }
    }
}

extension AddressFamily {
    var ipVersion: UInt32 {
        switch self {
        case .ipv4: 4
        case .ipv6: 6
        }
    }
}
