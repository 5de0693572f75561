import JSON

/// Splits the API server's answers into objects while they arrive.
///
/// A watch is a stream of objects. A list is one object with all pods of the node in it, which are
/// passed on one by one: memory holds one pod at a time.
package struct ObjectStream {
    package enum Part: Hashable, Sendable {
        /// An object in a list of the document.
        case item([UInt8])
        /// A whole document, without its items.
        case document([UInt8])
    }

    package enum Problem: Error, Hashable, Sendable {
        case notJSON
        /// An object exceeds the limit, in bytes.
        case tooLarge(limit: Int)

        package var reason: String {
            switch self {
            case .notJSON: "it is not JSON"
            case .tooLarge(let limit): "an object is larger than \(limit >> 20) MiB"
            }
        }
    }

    /// The maximum size of an object; the API server stores none above 1.5 MiB in etcd's defaults.
    package static let defaultLimit = 4 << 20

    private let limit: Int
    /// The document without its items.
    private var document: [UInt8] = []
    private var item: [UInt8] = []
    /// The number of open brackets.
    private var depth = 0
    /// Whether an array is open that is a member of the document.
    private var isInArray = false
    private var strings = JSONStringScan()

    package init(limit: Int = defaultLimit) { self.limit = limit }

    /// Whether a document has begun and not ended.
    package var isPartial: Bool { depth > 0 }

    private static let arrayDepth = 2

    /// Takes the next bytes, and passes on what is complete.
    package mutating func take(
        _ bytes: some Sequence<UInt8>, _ receive: (Part) -> Void
    ) throws(Problem) {
        for byte in bytes {
            if strings.take(byte) {
                guard depth > 0 else { throw .notJSON }
                try append(byte)
                continue
            }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if depth == 1, byte == UInt8(ascii: "[") {
                    try append(byte)
                    isInArray = true
                    depth += 1
                } else {
                    depth += 1
                    try append(byte)
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw .notJSON }
                if isInArray, depth == Self.arrayDepth {
                    isInArray = false
                    depth -= 1
                    try append(byte)
                    continue
                }
                try append(byte)
                depth -= 1
                if isInArray, depth == Self.arrayDepth {
                    receive(.item(item))
                    item.removeAll(keepingCapacity: true)
                } else if depth == 0 {
                    receive(.document(document))
                    document.removeAll(keepingCapacity: true)
                }
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case _:
                guard depth > 0 else { throw .notJSON }
                try append(byte)
            }
        }
    }

    private mutating func append(_ byte: UInt8) throws(Problem) {
        guard isInArray else {
            document.append(byte)
            guard document.count <= limit else { throw .tooLarge(limit: limit) }
            return
        }
        // Commas and plain values between the items are dropped.
        guard depth > Self.arrayDepth else { return }
        item.append(byte)
        guard item.count <= limit else { throw .tooLarge(limit: limit) }
    }
}
