import Addressing
import CNftnl

/// Writes the elements of a set as the kernel keeps them: an interval as two, the first value of it
/// and the first behind it; a concatenation as one, with both of its ends.
struct ElementEncoding {
    /// A list of elements is one attribute, whose length is a number of 16 bits.
    private static let capacity = 65_000

    private let elements: [NftElement]
    private let isInterval: Bool
    private var next = 0
    /// libnftables begins the intervals of a new set with an end at zero.
    private var needsZero: Bool

    init(_ set: NftSet, isNew: Bool) {
        elements = set.elements
        isInterval = set.isInterval && set.types.count == 1
        needsZero = isNew && isInterval
    }

    var isDone: Bool { next >= elements.count }

    /// Writes as many as one message holds.
    mutating func write(to writer: inout MessageWriter) {
        let start = writer.byteCount
        while next < elements.count, writer.byteCount - start < Self.capacity - 512 {
            write(elements[next], to: &writer)
            next += 1
        }
    }

    @inline(__always)
    private mutating func write(_ element: NftElement, to writer: inout MessageWriter) {
        switch element {
        case .addresses(let range):
            let last = range.last.bits
            switch range.family {
            case .ipv4:
                let first = UInt32(truncatingIfNeeded: range.first.bits).bigEndian
                zero(before: first != 0, &writer) { $0.put(NFTA_DATA_VALUE, word: 0) }
                let isOpen = last == UInt128(UInt32.max)
                begin(isOpen, &writer) { $0.put(NFTA_DATA_VALUE, word: first) }
                if isOpen { return }
                let behind = UInt32(truncatingIfNeeded: last + 1).bigEndian
                end(&writer) { $0.put(NFTA_DATA_VALUE, word: behind) }
            case .ipv6:
                let first = range.first.bits
                zero(before: first != 0, &writer) { $0.put(NFTA_DATA_VALUE, address: 0) }
                let isOpen = last == UInt128.max
                begin(isOpen, &writer) { $0.put(NFTA_DATA_VALUE, address: first) }
                if isOpen { return }
                end(&writer) { $0.put(NFTA_DATA_VALUE, address: last + 1) }
            }
        case .ports(let range):
            zero(before: true, &writer) { $0.put(NFTA_DATA_VALUE, bytes: [0, 0]) }
            let isOpen = range.last.number == UInt16.max
            begin(isOpen, &writer) { $0.put(NFTA_DATA_VALUE, bytes: range.first.bytes) }
            if isOpen { return }
            let behind = range.last.number + 1
            end(&writer) {
                $0.put(
                    NFTA_DATA_VALUE, bytes: [UInt8(behind >> 8), UInt8(truncatingIfNeeded: behind)])
            }
        case .flow(let owners, let transport, let ports):
            func key(_ owner: UserID, _ port: Port) -> [UInt8] {
                owner.number.networkBytes + [transport.number, 0, 0, 0] + port.bytes + [0, 0]
            }
            writer.nest(NFTA_LIST_ELEM) { writer in
                writer.nest(NFTA_SET_ELEM_KEY) {
                    $0.put(NFTA_DATA_VALUE, bytes: key(owners.first, ports.first))
                }
                writer.nest(NFTA_SET_ELEM_KEY_END) {
                    $0.put(NFTA_DATA_VALUE, bytes: key(owners.last, ports.last))
                }
            }
        case .note(let number, let comment):
            writer.nest(NFTA_LIST_ELEM) { writer in
                writer.nest(NFTA_SET_ELEM_KEY) {
                    $0.put(NFTA_DATA_VALUE, word: UInt32(truncatingIfNeeded: number))
                }
                writer.put(
                    NFTA_SET_ELEM_USERDATA,
                    bytes: UserData.text(NFTNL_UDATA_SET_ELEM_COMMENT.rawValue, comment))
            }
        }
    }

    @inline(__always)
    private mutating func zero(
        before isBehindZero: Bool, _ writer: inout MessageWriter,
        _ value: (inout MessageWriter) -> Void
    ) {
        guard needsZero else { return }
        needsZero = false
        if isBehindZero { end(&writer, value) }
    }

    @inline(__always)
    private func begin(
        _ isOpen: Bool, _ writer: inout MessageWriter, _ value: (inout MessageWriter) -> Void
    ) {
        writer.nest(NFTA_LIST_ELEM) { writer in
            writer.nest(NFTA_SET_ELEM_KEY, value)
            // No value is behind the last one; libnftables marks that for itself.
            guard isOpen else { return }
            writer.put(
                NFTA_SET_ELEM_USERDATA,
                bytes: UserData.field(
                    NFTNL_UDATA_SET_ELEM_FLAGS.rawValue,
                    NFTNL_SET_ELEM_F_INTERVAL_OPEN.rawValue.hostBytes))
        }
    }

    @inline(__always)
    private func end(_ writer: inout MessageWriter, _ value: (inout MessageWriter) -> Void) {
        writer.nest(NFTA_LIST_ELEM) { writer in
            writer.put(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END.rawValue)
            writer.nest(NFTA_SET_ELEM_KEY, value)
        }
    }
}
