import CMnl
import CNftnl
import Netlink

extension MnlSocket {
    /// Reads a set with its elements in canonical form.
    func canonicalSet(
        _ set: KernelTable.Set, in table: String
    ) throws(KernelFailure) -> CanonicalSet {
        var reading = ElementReading()
        try KernelFailure.expectingPresence { () throws(KernelFailure) in
            try eachElement(of: set.name, in: table) { reading.add($0) }
        }
        return reading.canonicalSet(set)
    }
}

/// Collects the elements of a set as the kernel lists them.
struct ElementReading {
    private var starts: [UInt128] = []
    private var ends: [UInt128] = []
    /// Elements that were listed with both ends.
    private var whole: [ElementRange] = []
    private var extras: [UInt8] = []

    /// The user data that libnftables stores with an interval that has no end.
    static let openMark = UserData.field(
        NFTNL_UDATA_SET_ELEM_FLAGS.rawValue, NFTNL_SET_ELEM_F_INTERVAL_OPEN.rawValue.hostBytes)

    mutating func add(_ element: AttributeList) {
        var key: UInt128?
        var last: UInt128?
        var isEnd = false
        for attribute in element {
            switch attribute.type {
            case NFTA_SET_ELEM_KEY.rawValue:
                key = attribute.nested.first { _ in true }?.wideNumber
            case NFTA_SET_ELEM_KEY_END.rawValue:
                last = attribute.nested.first { _ in true }?.wideNumber
            case NFTA_SET_ELEM_FLAGS.rawValue:
                isEnd = attribute.number == NFT_SET_ELEM_INTERVAL_END.rawValue
                if !isEnd { extras += attribute.bytes }
            case NFTA_SET_ELEM_PAD.rawValue: continue
            case NFTA_SET_ELEM_USERDATA.rawValue where attribute.bytes == Self.openMark: continue
            case _: extras += [UInt8(truncatingIfNeeded: attribute.type)] + attribute.bytes
            }
        }
        guard let key else { return }
        if let last {
            whole.append(ElementRange(first: key, last: last))
        } else if isEnd {
            ends.append(key)
        } else {
            starts.append(key)
        }
    }

    func canonicalSet(_ set: KernelTable.Set) -> CanonicalSet {
        var extras = set.extras + self.extras
        var elements = whole
        if set.flags & NFT_SET_INTERVAL.rawValue != 0 {
            let highest = set.keyLength < 16 ? UInt128(1) << UInt128(set.keyLength * 8) - 1 : .max
            if let intervals = ElementRange.intervals(
                starts: starts, ends: ends, highest: highest)
            {
                elements += intervals
            } else {
                extras += CanonicalSet.apart
            }
        } else {
            elements += starts.map { ElementRange(first: $0, last: $0) }
        }
        return CanonicalSet(
            keyType: set.keyType, flags: set.flags, keyLength: set.keyLength,
            elements: elements.sorted(), extras: extras)
    }
}
