import CMnl

/// An nf_tables expression, of the kinds that our rules consist of.
///
/// Registers are numbers of `enum nft_registers`.
enum Expression: Hashable, Sendable {
    /// Loads packet metadata (`enum nft_meta_keys`) into a register.
    case meta(UInt32, to: UInt32)
    /// Loads bytes of a packet header into a register.
    case payload(PayloadField, to: UInt32)
    /// Loads a conntrack value (`enum nft_ct_keys`) into a register.
    case connection(UInt32, to: UInt32)
    /// Clears the bits of a register that aren't in the mask.
    case mask(UInt32, [UInt8])
    /// Converts numbers of `size` bytes in the first `length` bytes of a register to network order.
    case networkOrder(UInt32, length: UInt32, size: UInt32)
    /// Ends the rule unless the first bytes of the register compare as given with these bytes.
    case compare(UInt32, Comparison, [UInt8])
    /// Ends the rule unless the register is in the range, or if it is when negated.
    ///
    /// Newer versions of nft compile ranges to this expression.
    case range(UInt32, from: [UInt8], to: [UInt8], isNegated: Bool)
    /// Ends the rule unless the set has the register's value, or if it has when negated.
    case lookup(UInt32, set: String, isNegated: Bool)
    case counter
    case log(prefix: String, level: UInt32)
    case value(UInt32, [UInt8])
    /// A verdict of `enum nft_verdicts` or NF_DROP, and the target of a jump or goto.
    case verdict(Int32, chain: String?)
    /// Redirects to the port in a register, on the host itself.
    case redirect(UInt32)
    /// Assigns the conntrack zone in a register to the packet.
    case setZone(UInt32)

    /// The kernel's name of the expression; its module is called `nft_` plus this name.
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

/// How register bytes compare, as a number in network byte order.
enum Comparison: Hashable, Sendable {
    case `is`
    case isNot
    case isAtLeast
    case isAtMost

    /// The number in `enum nft_cmp_ops`.
    var number: UInt32 {
        switch self {
        case .is: NFT_CMP_EQ.rawValue
        case .isNot: NFT_CMP_NEQ.rawValue
        case .isAtLeast: NFT_CMP_GTE.rawValue
        case .isAtMost: NFT_CMP_LTE.rawValue
        }
    }

    /// Creates a comparison; nil for one that no rule of ours has.
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

/// A part of a packet header.
struct PayloadField: Hashable, Sendable {
    /// A base of `enum nft_payload_bases`.
    var base: UInt32
    /// The offset from the base, in bytes.
    var offset: UInt32
    /// The length in bytes.
    var length: UInt32
}

/// `enum nft_registers`: the verdict, and 64 bytes as four registers of 16 or sixteen of 4 bytes.
enum Register {
    static let verdict = NFT_REG_VERDICT.rawValue
    static let first = NFT_REG_1.rawValue
    /// Returns the register of the 4-byte word `number`, counted from the first register.
    static func word(_ number: UInt32) -> UInt32 {
        // The kernel reports the first word under the name of the 16-byte register.
        number == 0 ? first : NFT_REG32_00.rawValue + number
    }
}
