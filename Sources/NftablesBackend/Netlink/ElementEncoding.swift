import CMnl
import CNftnl

/// Writes elements in the form in which the kernel stores them.
///
/// An interval is two elements: its first value, and the first value after it. In a concatenation
/// it is one element with both ends. An element without an interval is its key.
struct ElementEncoding {
    /// The most bytes of a list: it is one attribute, whose length has 16 bits.
    private static let capacity = 64_000

    private let elements: [ElementRange]
    private let keyLength: Int
    private let shape: Shape
    private let highest: UInt128
    private var next = 0
    /// Whether an end at zero must come first, as libnftables writes it in a new interval set.
    private var needsZero: Bool

    private enum Shape {
        case single
        case interval
        case intervalOfConcatenation
    }

    init(_ elements: [ElementRange], of set: NftSet, isNew: Bool = false) {
        self.elements = elements
        keyLength = Int(set.keyLength)
        shape =
            !set.isInterval ? .single : set.types.count == 1 ? .interval : .intervalOfConcatenation
        highest = keyLength < 16 ? UInt128(1) << UInt128(keyLength * 8) - 1 : .max
        needsZero = isNew && shape == .interval && elements.first?.first != 0
    }

    var isDone: Bool { next >= elements.count }

    /// Writes as many elements as fit into one message.
    mutating func write(to writer: inout MessageWriter) {
        let start = writer.byteCount
        if needsZero { end(0, &writer) }
        needsZero = false
        while next < elements.count, writer.byteCount - start < Self.capacity {
            write(elements[next], to: &writer)
            next += 1
        }
    }

    @inline(__always)
    private func write(_ element: ElementRange, to writer: inout MessageWriter) {
        switch shape {
        case .single:
            writer.nest(NFTA_LIST_ELEM) { writer in
                writer.nest(NFTA_SET_ELEM_KEY) { put(element.first, to: &$0) }
            }
        case .interval: writeEnds(of: element, to: &writer)
        case .intervalOfConcatenation:
            writer.nest(NFTA_LIST_ELEM) { writer in
                writer.nest(NFTA_SET_ELEM_KEY) { put(element.first, to: &$0) }
                writer.nest(NFTA_SET_ELEM_KEY_END) { put(element.last, to: &$0) }
            }
        }
    }

    @inline(__always)
    private func writeEnds(of element: ElementRange, to writer: inout MessageWriter) {
        let isOpen = element.last == highest
        writer.nest(NFTA_LIST_ELEM) { writer in
            writer.nest(NFTA_SET_ELEM_KEY) { put(element.first, to: &$0) }
            // No value follows the highest one; libnftables stores user data instead of an end.
            if isOpen { writer.put(NFTA_SET_ELEM_USERDATA, bytes: ElementReading.openMark) }
        }
        if !isOpen { end(element.last + 1, &writer) }
    }

    @inline(__always)
    private func end(_ key: UInt128, _ writer: inout MessageWriter) {
        writer.nest(NFTA_LIST_ELEM) { writer in
            writer.put(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END.rawValue)
            writer.nest(NFTA_SET_ELEM_KEY) { put(key, to: &$0) }
        }
    }

    @inline(__always)
    private func put(_ key: UInt128, to writer: inout MessageWriter) {
        switch keyLength {
        case 4: writer.put(NFTA_DATA_VALUE, UInt32(truncatingIfNeeded: key))
        case 16: writer.put(NFTA_DATA_VALUE, address: key)
        case _:
            writer.put(
                NFTA_DATA_VALUE,
                bytes: stride(from: keyLength - 1, through: 0, by: -1).map {
                    UInt8(truncatingIfNeeded: key >> UInt128($0 * 8))
                })
        }
    }
}

/// Writes the notes of an identity: a number and a comment each.
struct IdentityEncoding {
    let elements: ArraySlice<NftElement>

    func write(to writer: inout MessageWriter) {
        for case .note(let number, let comment) in elements {
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
}
