extension SetSketch {
    /// The cells as hexadecimal digits; `keyLength` is that of the set's keys, in bytes.
    func text(keyLength: UInt32) -> String {
        var bytes: [UInt8] = []
        for cell in cells {
            bytes += [cell.count] + cell.check.networkBytes
            for key in [cell.first, cell.last] {
                for index in stride(from: Int(keyLength) - 1, through: 0, by: -1) {
                    bytes.append(UInt8(truncatingIfNeeded: key >> UInt128(index * 8)))
                }
            }
        }
        return Hexadecimal.text(bytes)
    }

    /// Nil for a text that `text` didn't make.
    init?(_ text: String, checksum: SetChecksum, keyLength: UInt32) {
        let length = Int(keyLength)
        let size = 5 + 2 * length
        guard let bytes = Hexadecimal.bytes(text), bytes.count == size * Self.cellCount else {
            return nil
        }
        func number(_ start: Int, _ count: Int) -> UInt128 {
            bytes[start..<(start + count)].reduce(0) { $0 << 8 | UInt128($1) }
        }
        self.init(
            checksum: checksum,
            cells: stride(from: 0, to: bytes.count, by: size).map { start in
                Cell(
                    count: bytes[start], check: UInt32(number(start + 1, 4)),
                    first: number(start + 5, length), last: number(start + 5 + length, length))
            })
    }
}

/// Bytes as two lower-case digits each.
enum Hexadecimal {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }

    /// Nil for what isn't such a text.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
