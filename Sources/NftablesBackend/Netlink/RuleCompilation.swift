import Addressing
import CMnl
import Glibc
import RuleIR

/// Compiles a rule to the expressions that libnftables makes of the same statements.
///
/// Like libnftables, it matches the family before a field of a header of that family and the
/// protocol before a port, once per rule, and compares two ports at once.
struct RuleCompilation {
    private(set) var expressions: [Expression] = []
    private var family: AddressFamily?
    private var transport: TransportProtocol?

    init(_ statements: [NftStatement]) {
        let joined = Self.joinedPorts(statements)
        for (index, statement) in statements.enumerated() {
            guard let joined, index == joined.source || index == joined.destination else {
                add(statement)
                continue
            }
            require(joined.transport)
            if index == joined.source {
                load(PayloadField(base: Self.transportHeader, offset: 0, length: 4))
                compare(joined.sourcePort.bytes + joined.destinationPort.bytes, isNegated: false)
            }
        }
    }

    private mutating func add(_ statement: NftStatement) {
        switch statement {
        case .match(let operand, let isNegated, let value): match(operand, isNegated, value)
        case .counter: expressions.append(.counter)
        case .log(let prefix, let level):
            expressions.append(.log(prefix: prefix.rawValue, level: UInt32(level.number)))
        case .redirect(let port):
            expressions += [.value(Register.first, port.bytes), .redirect(Register.first)]
        case .setZone(let zone):
            // In host byte order, as conntrack stores it.
            let bytes = [UInt8(truncatingIfNeeded: zone), UInt8(zone >> 8)]
            expressions += [.value(Register.first, bytes), .setZone(Register.first)]
        case .return: expressions.append(.verdict(NFT_RETURN.rawValue, chain: nil))
        case .accept: expressions.append(.verdict(Int32(Verdict.accept), chain: nil))
        case .drop: expressions.append(.verdict(Verdict.drop, chain: nil))
        case .jump(let chain): expressions.append(.verdict(NFT_JUMP.rawValue, chain: chain))
        case .goto(let chain): expressions.append(.verdict(NFT_GOTO.rawValue, chain: chain))
        }
    }

    private mutating func match(_ operand: NftOperand, _ isNegated: Bool, _ value: NftValue) {
        load(operand, value)
        switch value {
        case .family(let family): compare([family.protocolNumber], isNegated: isNegated)
        case .transport(let transport): compare([transport.number], isNegated: isNegated)
        case .port(let port): compare(port.bytes, isNegated: isNegated)
        case .ports(let ports): compare(from: ports.first.bytes, to: ports.last.bytes)
        case .user(let user): compare(user.number.hostBytes, isNegated: isNegated)
        case .users(let users):
            expressions.append(.networkOrder(Register.first, length: 4, size: 4))
            compare(from: users.first.number.networkBytes, to: users.last.number.networkBytes)
        case .interface(let pattern): compare(pattern.bytes, isNegated: isNegated)
        case .prefix(let prefix):
            if !prefix.isWholeBytes {
                expressions.append(.mask(Register.first, prefix.mask))
                compare(prefix.address.bytes, isNegated: isNegated)
            } else {
                compare(Array(prefix.address.bytes.prefix(prefix.length / 8)), isNegated: isNegated)
            }
        case .state(let state):
            expressions.append(.mask(Register.first, state.bit.hostBytes))
            // Any of the bits.
            compare(UInt32(0).hostBytes, isNegated: !isNegated)
        case .set(let name):
            expressions.append(.lookup(Register.first, set: name, isNegated: isNegated))
        }
    }

    private mutating func load(_ operand: NftOperand, _ value: NftValue) {
        switch operand {
        case .nfproto:
            meta(NFT_META_NFPROTO)
            if case .family(let named) = value { family = named }
        case .l4proto:
            meta(NFT_META_L4PROTO)
            if case .transport(let named) = value { transport = named }
        case .inputInterface: meta(NFT_META_IIFNAME)
        case .outputInterface: meta(NFT_META_OIFNAME)
        case .owner: meta(NFT_META_SKUID)
        case .connectionState:
            expressions.append(.connection(NFT_CT_STATE.rawValue, to: Register.first))
        case .sourceAddress(let family):
            require(family)
            load(family.sourceField(value))
        case .destinationAddress(let family):
            require(family)
            load(family.destinationField(value))
        case .sourcePort(let transport):
            require(transport)
            load(Self.sourcePort)
        case .destinationPort(let transport):
            require(transport)
            load(Self.destinationPort)
        case .ownedFlow(let transport, let inIntervals):
            require(transport)
            let owner = Register.word(0)
            expressions.append(.meta(NFT_META_SKUID.rawValue, to: owner))
            if inIntervals { expressions.append(.networkOrder(owner, length: 4, size: 4)) }
            expressions.append(.payload(Self.destinationPort, to: Register.word(1)))
        }
    }

    private static let transportHeader = NFT_PAYLOAD_TRANSPORT_HEADER.rawValue
    private static let sourcePort = PayloadField(base: transportHeader, offset: 0, length: 2)
    private static let destinationPort = PayloadField(base: transportHeader, offset: 2, length: 2)

    private mutating func meta(_ key: nft_meta_keys) {
        expressions.append(.meta(key.rawValue, to: Register.first))
    }

    private mutating func load(_ field: PayloadField) {
        expressions.append(.payload(field, to: Register.first))
    }

    private mutating func compare(_ bytes: [UInt8], isNegated: Bool) {
        expressions.append(
            .compare(Register.first, isNegated ? .isNot : .is, bytes))
    }

    /// Compares with a range, both ends included; no match of ours is for values outside of one.
    private mutating func compare(from first: [UInt8], to last: [UInt8]) {
        expressions += [
            .compare(Register.first, .isAtLeast, first), .compare(Register.first, .isAtMost, last),
        ]
    }

    private mutating func require(_ family: AddressFamily) {
        guard self.family != family else { return }
        self.family = family
        meta(NFT_META_NFPROTO)
        compare([family.protocolNumber], isNegated: false)
    }

    private mutating func require(_ transport: TransportProtocol) {
        guard self.transport != transport else { return }
        self.transport = transport
        meta(NFT_META_L4PROTO)
        compare([transport.number], isNegated: false)
    }
}

extension RuleCompilation {
    private struct JoinedPorts {
        var source: Int
        var destination: Int
        var transport: TransportProtocol
        var sourcePort: Port
        var destinationPort: Port
    }

    /// Returns the two port matches that libnftables merges (`payload_try_merge` in its source).
    private static func joinedPorts(_ statements: [NftStatement]) -> JoinedPorts? {
        var source: (Int, TransportProtocol, Port)?
        var destination: (Int, TransportProtocol, Port)?
        for (index, statement) in statements.enumerated() {
            guard case .match(let operand, isNegated: false, .port(let port)) = statement else {
                continue
            }
            if case .sourcePort(let transport) = operand { source = (index, transport, port) }
            if case .destinationPort(let transport) = operand, destination == nil {
                destination = (index, transport, port)
            }
        }
        guard let source, let destination, source.1 == destination.1 else { return nil }
        return JoinedPorts(
            source: source.0, destination: destination.0, transport: source.1,
            sourcePort: source.2, destinationPort: destination.2)
    }
}
