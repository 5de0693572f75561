import CMnl

/// One instruction of nf_tables' machine, of those that our rules are made of.
///
/// Registers are those of `enum nft_registers`.
enum Expression: Hashable, Sendable {
    /// A value that the kernel keeps beside a packet (`enum nft_meta_keys`), to a register.
    case meta(UInt32, to: UInt32)
    /// Bytes of a packet's header, to a register.
    case payload(PayloadField, to: UInt32)
    /// A value of conntrack (`enum nft_ct_keys`), to a register.
    case connection(UInt32, to: UInt32)
    /// Keeps the bits of the mask.
    case mask(UInt32, [UInt8])
    /// Turns numbers of `size` bytes in the `length` bytes of a register to network byte order.
    case networkOrder(UInt32, length: UInt32, size: UInt32)
    /// Ends the rule unless what the register begins with compares so with these bytes.
    case compare(UInt32, Comparison, [UInt8])
    /// Ends the rule unless what the register begins with is in the range, or if it is.
    ///
    /// Newer versions of nft compile ranges to it.
    case range(UInt32, from: [UInt8], to: [UInt8], isNegated: Bool)
    /// Ends the rule unless the set has the register's value, or if it has.
    case lookup(UInt32, set: String, isNegated: Bool)
    case counter
    case log(prefix: String, level: UInt32)
    case value(UInt32, [UInt8])
    /// `enum nft_verdicts` or NF_DROP, and where to.
    case verdict(Int32, chain: String?)
    /// To the port in a register, of the host itself.
    case redirect(UInt32)
    /// The packet's connection gets the zone in a register.
    case setZone(UInt32)

    /// What the kernel calls it; its module is `nft_` and this.
    var name: String {
        switch self {
        case .meta: "meta"
        case .payload: "payload"
        case .connection, .setZone: "ct"
        case .mask: "bitwise"
        case .networkOrder: "byteorder"
        case .compare: "cmp"
        case .range: "range"
        case .lookup: "lookup"
        case .counter: "counter"
        case .log: "log"
        case .value, .verdict: "immediate"
        case .redirect: "redir"
        }
    }
}

/// How the bytes of a register are to compare, as a number in network byte order.
enum Comparison: Hashable, Sendable {
    case `is`
    case isNot
    case isAtLeast
    case isAtMost

    /// `enum nft_cmp_ops`.
    var number: UInt32 {
        switch self {
        case .is: NFT_CMP_EQ.rawValue
        case .isNot: NFT_CMP_NEQ.rawValue
        case .isAtLeast: NFT_CMP_GTE.rawValue
        case .isAtMost: NFT_CMP_LTE.rawValue
        }
    }

    /// Nil for a comparison that no rule of ours has.
    init?(number: UInt32) {
        switch number {
        case NFT_CMP_EQ.rawValue: self = .is
        case NFT_CMP_NEQ.rawValue: self = .isNot
        case NFT_CMP_GTE.rawValue: self = .isAtLeast
        case NFT_CMP_LTE.rawValue: self = .isAtMost
        case _: return nil
        }
    }
}

/// A part of a packet's header.
struct PayloadField: Hashable, Sendable {
    /// `enum nft_payload_bases`.
    var base: UInt32
    /// Bytes.
    var offset: UInt32
    /// Bytes.
    var length: UInt32
}

/// `enum nft_registers`: the verdict, four registers of 16 bytes, and the same memory by 4 bytes.
enum Register {
    static let verdict = NFT_REG_VERDICT.rawValue
    static let first = NFT_REG_1.rawValue
    /// The 4 bytes of the number, from the first register on.
    static func word(_ number: UInt32) -> UInt32 {
        // The kernel calls the first 4 bytes by the name of the whole register.
        number == 0 ? first : NFT_REG32_00.rawValue + number
    }
}
