import Addressing
import CMnl
import Glibc
import RuleIR

// The kernel's numbers and bytes for the values of the IR.

extension AddressFamily {
    /// NFPROTO_IPV4, NFPROTO_IPV6.
    var protocolNumber: UInt8 {
        switch self {
        case .ipv4: UInt8(AF_INET)
        case .ipv6: UInt8(AF_INET6)
        }
    }

    /// The offsets of the addresses in the header: RFC 791 section 3.1, RFC 8200 section 3.
    private var addressOffsets: (source: UInt32, destination: UInt32) {
        switch self {
        case .ipv4: (12, 16)
        case .ipv6: (8, 24)
        }
    }

    /// Returns the bytes of the source address that `value` is compared with.
    func sourceField(_ value: NftValue) -> PayloadField { field(addressOffsets.source, value) }

    /// Returns the bytes of the destination address that `value` is compared with.
    func destinationField(_ value: NftValue) -> PayloadField {
        field(addressOffsets.destination, value)
    }

    private func field(_ offset: UInt32, _ value: NftValue) -> PayloadField {
        var length = bitWidth / 8
        if case .prefix(let prefix) = value, prefix.isWholeBytes { length = prefix.length / 8 }
        return PayloadField(
            base: NFT_PAYLOAD_NETWORK_HEADER.rawValue, offset: offset, length: UInt32(length))
    }
}

extension TransportProtocol {
    var number: UInt8 {
        switch self {
        case .tcp: UInt8(IPPROTO_TCP)
        case .udp: UInt8(IPPROTO_UDP)
        }
    }
}

/// Verdicts of <linux/netfilter.h>, a header that conflicts with glibc's.
enum Verdict {
    static let drop: Int32 = 0
    static let accept: UInt32 = 1
}

extension LoadedChain.Hook {
    /// Creates a hook from its number in `enum nf_inet_hooks` of <linux/netfilter.h>.
    init(number: UInt32) {
        self =
            Self.known.indices.contains(Int(number)) ? Self.known[Int(number)] : .other("\(number)")
    }

    /// The kernel's number of the hook.
    var number: UInt32 {
        switch self {
        case .prerouting: 0
        case .input: 1
        case .forward: 2
        case .output: 3
        case .postrouting: 4
        case .ingress: 5
        case .other(let name): UInt32(name) ?? .max
        }
    }
}

extension HookAttachment {
    init(type: String, hook: UInt32, priority: UInt32, policy: UInt32) {
        self.init(
            type: type, hook: LoadedChain.Hook(number: hook),
            priority: Int(Int32(bitPattern: priority)),
            policy: policy == Verdict.accept ? "accept" : "drop")
    }

    var kernelPriority: UInt32 { UInt32(bitPattern: Int32(clamping: priority)) }
    var kernelPolicy: UInt32 { policy == "accept" ? Verdict.accept : UInt32(Verdict.drop) }
}

extension ConnectionState {
    // IP_CT_ESTABLISHED and IP_CT_NEW of <linux/netfilter/nf_conntrack_common.h>.
    private static let establishedPlace: UInt32 = 0
    private static let newPlace: UInt32 = 2

    /// The bit in `ct state`: NF_CT_STATE_INVALID_BIT or NF_CT_STATE_BIT.
    var bit: UInt32 {
        switch self {
        case .invalid: 1
        case .established: 1 << (Self.establishedPlace + 1)
        case .new: 1 << (Self.newPlace + 1)
        }
    }
}

extension IPPrefix {
    /// Whether the prefix can be matched as leading bytes, without a mask.
    var isWholeBytes: Bool { length > 0 && length.isMultiple(of: 8) }

    /// The bytes of the netmask.
    var mask: [UInt8] {
        (0..<family.bitWidth / 8).map { index in
            let bits = min(max(length - 8 * index, 0), 8)
            return UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        }
    }
}

extension InterfacePattern {
    /// The name padded with zeros to IFNAMSIZ bytes, or the leading bytes of a wildcard.
    var bytes: [UInt8] {
        let name = Array(stem.utf8)
        return isWildcard ? name : name + Array(repeating: 0, count: Int(IF_NAMESIZE) - name.count)
    }
}

extension Port {
    /// The port in network byte order.
    var bytes: [UInt8] { [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] }
}

extension UInt32 {
    /// The bytes in the machine's memory order.
    var hostBytes: [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: littleEndian >> ($0 * 8)) }
    }

    var networkBytes: [UInt8] { hostBytes.reversed() }
}
