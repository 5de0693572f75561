import Addressing
import RuleIR

/// A ruleset in the terms of nftables, from which JSON, text and messages are made.
struct NftTable: Hashable, Sendable {
    /// `tproxy_<instance>`; `tproxy` alone is a keyword and can't be listed.
    var name: String
    var sets: [NftSet]
    var chains: [NftChain]
}

/// A named set.
struct NftSet: Hashable, Sendable {
    /// One data type, or several for a concatenation.
    var types: [NftType]
    var name: String
    /// Whether elements may be ranges (`flags interval`).
    var isInterval: Bool
    var elements: [NftElement]
}

/// A data type, under nft's name.
enum NftType: String, Hashable, Sendable {
    case mark
    case owner = "uid"
    case port = "inet_service"
    case ipv4Address = "ipv4_addr"
    case ipv6Address = "ipv6_addr"
}

enum NftElement: Hashable, Sendable {
    case addresses(AddressRange)
    case ports(PortRange)
    /// An element `uid . inet_service` of a set for one transport protocol.
    case flow(UserIDRange, PortRange)
    /// A number with a comment: a note of the identity.
    case note(Int, String)
}

struct NftChain: Hashable, Sendable {
    var name: String
    /// The hook and priority; nil for a regular chain.
    var base: HookAttachment?
    var rules: [NftRule]
}

struct NftRule: Hashable, Sendable {
    var statements: [NftStatement]
    /// At most 128 bytes (`NFTNL_UDATA_COMMENT_MAXLEN`) of plain ASCII without quotes.
    var comment: String?
    /// The rule of the IR that this rule, or a part of it, comes from.
    var location: RuleLocation?
    var rationale: Rationale
}

enum NftStatement: Hashable, Sendable {
    case match(NftOperand, isNegated: Bool, NftValue)
    case counter
    case log(prefix: LogPrefix, level: LogLevel)
    case redirect(Port)
    case setZone(UInt16)
    case `return`
    case accept
    case drop
    case jump(String)
    case goto(String)
}

/// The part of a packet or its metadata that a match examines.
enum NftOperand: Hashable, Sendable {
    case nfproto
    case l4proto
    case sourceAddress(AddressFamily)
    case destinationAddress(AddressFamily)
    case sourcePort(TransportProtocol)
    case destinationPort(TransportProtocol)
    case inputInterface
    case outputInterface
    case owner
    case connectionState
    /// `meta skuid . tcp dport`.
    ///
    /// Never with `meta l4proto` in the concatenation: Linux 6.12 and 7.2 refuse that in an
    /// interval set. An interval set has owners in network byte order, another set has them in host
    /// byte order.
    case ownedFlow(TransportProtocol, inIntervals: Bool)
}

/// The value that an operand is compared with.
enum NftValue: Hashable, Sendable {
    case family(AddressFamily)
    case transport(TransportProtocol)
    case prefix(IPPrefix)
    case port(Port)
    case ports(PortRange)
    case user(UserID)
    case users(UserIDRange)
    case interface(InterfacePattern)
    case state(ConnectionState)
    case set(String)
}
