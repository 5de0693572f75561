import Addressing
import CMnl
import Glibc
import JSON

/// The data that an expression of a loaded rule read into a register.
struct LoadedOperand {
    /// How values of an operand are written.
    enum Kind {
        case address(AddressFamily)
        case port
        case family
        case transport
        case etherType
        case interfaceName
        case interfaceIndex
        /// Names of bits, beginning with the lowest.
        case bits([String])
        case number
        /// Bytes without another form; written in hexadecimal.
        case opaque
    }

    /// The operand in libnftables-json(5).
    var name: JSONValue
    var kind: Kind
    /// The length of a value, in bytes.
    var length: Int
    /// Whether numbers are in host byte order.
    var isHostOrder = false
    /// The mask of the bits that are compared; nil for all.
    var mask: [UInt8]?

    /// Creates an operand that is a plain string, such as the name of its expression.
    init(words: String) {
        name = .string(words)
        kind = .opaque
        length = 4
    }

    init(name: JSONValue, kind: Kind, length: Int) {
        self.name = name
        self.kind = kind
        self.length = length
    }
}

extension LoadedOperand {
    /// nft's names of `enum nft_meta_keys`.
    private static let metaNames = [
        "length", "protocol", "priority", "mark", "iif", "oif", "iifname", "oifname", "iiftype",
        "oiftype", "skuid", "skgid", "nftrace", "rtclassid", "secmark", "nfproto", "l4proto",
        "ibrname", "obrname", "pkttype", "cpu", "iifgroup", "oifgroup", "cgroup", "random",
        "secpath", "iifkind", "oifkind", "ibrpvid", "ibrvproto", "time", "day", "hour", "sdif",
        "sdifname",
    ]

    /// Creates a metadata operand; `key` is one of `enum nft_meta_keys`.
    init(meta key: UInt32) {
        let word = Self.metaNames.indices.contains(Int(key)) ? Self.metaNames[Int(key)] : "\(key)"
        name = ["meta": ["key": .string(word)]]
        isHostOrder = true
        (kind, length) =
            switch word {
            case "nfproto": (.family, 1)
            case "l4proto": (.transport, 1)
            case "protocol": (.etherType, 2)
            case "iif", "oif", "sdif": (.interfaceIndex, 4)
            case "iiftype", "oiftype": (.number, 2)
            case "pkttype", "nftrace", "secpath", "day": (.number, 1)
            case "time": (.number, 8)
            case _ where word.hasSuffix("name") || word.hasSuffix("kind"):
                (.interfaceName, Int(IF_NAMESIZE))
            case _: (.number, 4)
            }
    }

    /// nft's names of `enum nft_ct_keys`.
    private static let connectionNames = [
        "state", "direction", "status", "mark", "secmark", "expiration", "helper", "l3proto",
        "saddr", "daddr", "protocol", "proto-src", "proto-dst", "label", "packets", "bytes",
        "avgpkt", "zone", "event",
    ]
    private static let states = [
        "invalid", "established", "related", "new", "", "", "untracked",
    ]
    private static let statuses = [
        "expected", "seen-reply", "assured", "confirmed", "snat", "dnat", "", "", "", "dying",
    ]

    /// Creates a conntrack operand for a key of `enum nft_ct_keys`, of one direction or of both.
    init(connection key: UInt32, direction: UInt32? = nil) {
        let names = Self.connectionNames
        let word = names.indices.contains(Int(key)) ? names[Int(key)] : "\(key)"
        var members: [String: JSONValue] = ["key": .string(word)]
        if let direction { members["dir"] = direction == 0 ? "original" : "reply" }
        name = ["ct": .object(members)]
        isHostOrder = true
        (kind, length) =
            switch word {
            case "state": (.bits(Self.states), 4)
            case "status": (.bits(Self.statuses), 4)
            case "direction": (.number, 1)
            case "l3proto": (.family, 1)
            case "protocol": (.transport, 1)
            case "zone": (.number, 2)
            case "packets", "bytes", "avgpkt": (.number, 8)
            case "mark", "secmark", "expiration": (.number, 4)
            case _: (.opaque, 4)
            }
    }
}
