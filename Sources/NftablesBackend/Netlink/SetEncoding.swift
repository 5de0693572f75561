import CMnl
import CNftnl
import Glibc
import RuleIR

extension NftType {
    /// libnftables' number of the type (`enum datatypes` in its source), which the kernel stores.
    var number: UInt32 {
        switch self {
        case .ipv4Address: 7
        case .ipv6Address: 8
        case .port: 13
        case .mark: 19
        case .owner: 24
        }
    }

    /// The length of a value, in bytes.
    var length: UInt32 {
        switch self {
        case .port: 2
        case .mark, .owner, .ipv4Address: 4
        case .ipv6Address: 16
        }
    }

    /// libnftables' BYTEORDER_HOST_ENDIAN or BYTEORDER_BIG_ENDIAN.
    private var byteOrder: UInt32 {
        switch self {
        case .mark, .owner: 1
        case .port, .ipv4Address, .ipv6Address: 2
        }
    }

    /// Returns the byte order that libnftables stores with a set to list its elements correctly.
    static func byteOrder(of types: [NftType]) -> UInt32 {
        types.count == 1 ? types[0].byteOrder : 0
    }
}

extension NftSet {
    /// The flags of `enum nft_set_flags`.
    var flags: UInt32 {
        var flags: UInt32 = 0
        if isInterval { flags |= NFT_SET_INTERVAL.rawValue }
        if isInterval, types.count > 1 { flags |= NFT_SET_CONCAT.rawValue }
        return flags
    }

    /// The kernel feature that the set requires besides nf_tables; nil if none.
    var needs: KernelFeature? {
        types.count > 1 && isInterval ? .rangesInConcatenations : nil
    }

    /// The types as one number, six bits each.
    var keyType: UInt32 { types.reduce(0) { $0 << 6 | $1.number } }

    /// The length of a key in bytes; each field begins at a multiple of 4 bytes.
    var keyLength: UInt32 {
        types.count == 1 ? types[0].length : types.reduce(0) { $0 + ($1.length + 3) & ~3 }
    }

    /// Writes the attributes of NFT_MSG_NEWSET; `number` is unique in the transaction.
    func write(in table: String, number: UInt32, to writer: inout MessageWriter) {
        writer.put(NFTA_SET_TABLE, text: table)
        writer.put(NFTA_SET_NAME, text: name)
        writer.put(NFTA_SET_FLAGS, flags)
        writer.put(NFTA_SET_KEY_TYPE, keyType)
        writer.put(NFTA_SET_KEY_LEN, keyLength)
        writer.put(NFTA_SET_ID, number)
        if isInterval, types.count > 1 {
            writer.nest(NFTA_SET_DESC) { writer in
                writer.nest(NFTA_SET_DESC_CONCAT) { writer in
                    for type in types {
                        writer.nest(NFTA_LIST_ELEM) { writer in
                            writer.put(NFTA_SET_FIELD_LEN, type.length)
                        }
                    }
                }
            }
        }
        writer.put(
            NFTA_SET_USERDATA,
            bytes: UserData.field(
                NFTNL_UDATA_SET_KEYBYTEORDER.rawValue, NftType.byteOrder(of: types).hostBytes))
    }
}

/// The user data that libnftables stores with objects.
///
/// It consists of fields of type, length and value (<libnftnl/udata.h>).
enum UserData {
    static func field(_ type: UInt32, _ value: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: type), UInt8(truncatingIfNeeded: value.count)] + value
    }

    static func text(_ type: UInt32, _ text: String) -> [UInt8] {
        field(type, Array(text.utf8) + [0])
    }

    /// Returns the text of the field of this type; nil if there is none.
    static func text(_ type: UInt32, in data: [UInt8]) -> String? {
        var rest = data[...]
        while rest.count >= 2 {
            let (found, length) = (rest[rest.startIndex], Int(rest[rest.startIndex + 1]))
            rest = rest.dropFirst(2)
            guard length <= rest.count else { return nil }
            if found == type {
                return String(decoding: rest.prefix(length).prefix { $0 != 0 }, as: UTF8.self)
            }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}
