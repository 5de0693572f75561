import Addressing
import CMnl
import Glibc
import JSON

/// A field of a packet header, under nft's name.
struct HeaderField {
    var header: String
    var name: String
    /// The offset from the start of the header, in bytes.
    var offset: Int
    var length: Int
    var kind: LoadedOperand.Kind

    private init(
        _ header: String, _ name: String, _ offset: Int, _ length: Int,
        _ kind: LoadedOperand.Kind = .number
    ) {
        self.header = header
        self.name = name
        self.offset = offset
        self.length = length
        self.kind = kind
    }

    /// Returns the fields of RFC 791 section 3.1 or RFC 8200 section 3.
    private static func network(_ family: AddressFamily) -> [HeaderField] {
        switch family {
        case .ipv4:
            [
                HeaderField("ip", "length", 2, 2), HeaderField("ip", "id", 4, 2),
                HeaderField("ip", "frag-off", 6, 2), HeaderField("ip", "ttl", 8, 1),
                HeaderField("ip", "protocol", 9, 1, .transport),
                HeaderField("ip", "checksum", 10, 2),
                HeaderField("ip", "saddr", 12, 4, .address(.ipv4)),
                HeaderField("ip", "daddr", 16, 4, .address(.ipv4)),
            ]
        case .ipv6:
            [
                HeaderField("ip6", "length", 4, 2),
                HeaderField("ip6", "nexthdr", 6, 1, .transport),
                HeaderField("ip6", "hoplimit", 7, 1),
                HeaderField("ip6", "saddr", 8, 16, .address(.ipv6)),
                HeaderField("ip6", "daddr", 24, 16, .address(.ipv6)),
            ]
        }
    }

    /// Returns the fields of RFC 9293 section 3.1, RFC 768, RFC 792 and RFC 4443.
    private static func transport(_ number: UInt8?) -> [HeaderField] {
        func ports(_ header: String) -> [HeaderField] {
            [
                HeaderField(header, "sport", 0, 2, .port),
                HeaderField(header, "dport", 2, 2, .port),
            ]
        }
        guard let number else { return ports("th") }
        switch Int(number) {
        case IPPROTO_TCP:
            return ports("tcp") + [
                HeaderField("tcp", "sequence", 4, 4), HeaderField("tcp", "ackseq", 8, 4),
                HeaderField(
                    "tcp", "flags", 13, 1,
                    .bits(["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"])),
                HeaderField("tcp", "window", 14, 2), HeaderField("tcp", "checksum", 16, 2),
                HeaderField("tcp", "urgptr", 18, 2),
            ]
        case IPPROTO_UDP:
            return ports("udp") + [
                HeaderField("udp", "length", 4, 2), HeaderField("udp", "checksum", 6, 2),
            ]
        case IPPROTO_ICMP, IPPROTO_ICMPV6:
            let header = Int(number) == IPPROTO_ICMP ? "icmp" : "icmpv6"
            return [
                HeaderField(header, "type", 0, 1), HeaderField(header, "code", 1, 1),
                HeaderField(header, "checksum", 2, 2),
            ]
        case IPPROTO_SCTP: return ports("sctp")
        case IPPROTO_DCCP: return ports("dccp")
        case _: return ports("th")
        }
    }

    /// Whether the field names of this transport header identify its protocol.
    static func isNamed(_ transport: UInt8) -> Bool {
        Self.transport(transport).first?.header != "th"
    }

    /// Returns the operands that the bytes consist of; nil if they aren't whole fields.
    ///
    /// The leading bytes of an address suffice: they are compared for a prefix.
    static func operands(
        _ bytes: PayloadField, family: AddressFamily?, transport: UInt8?
    ) -> [LoadedOperand]? {
        let fields: [HeaderField]
        switch bytes.base {
        case NFT_PAYLOAD_NETWORK_HEADER.rawValue:
            guard let family else { return nil }
            fields = network(family)
        case NFT_PAYLOAD_TRANSPORT_HEADER.rawValue: fields = Self.transport(transport)
        case _: return nil
        }
        var operands: [LoadedOperand] = []
        var offset = Int(bytes.offset)
        let end = offset + Int(bytes.length)
        while offset < end {
            guard let field = fields.first(where: { $0.offset == offset }) else { return nil }
            let length = min(field.length, end - offset)
            if case .address = field.kind {
            } else if length < field.length {
                return nil
            }
            operands.append(
                LoadedOperand(
                    name: [
                        "payload": [
                            "protocol": .string(field.header), "field": .string(field.name),
                        ]
                    ], kind: field.kind, length: length))
            offset += length
        }
        return operands.isEmpty ? nil : operands
    }

    /// Returns an operand for bytes without a name, such as `@th,16,8`.
    static func raw(_ bytes: PayloadField) -> LoadedOperand {
        let bases = ["ll", "nh", "th", "ih"]
        let base =
            bases.indices.contains(Int(bytes.base)) ? bases[Int(bytes.base)] : "\(bytes.base)"
        return LoadedOperand(
            name: [
                "payload": [
                    "base": .string(base), "offset": .number(Int(bytes.offset) * 8),
                    "len": .number(Int(bytes.length) * 8),
                ]
            ], kind: .opaque, length: Int(bytes.length))
    }
}
