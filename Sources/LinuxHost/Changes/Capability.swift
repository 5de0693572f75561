import Glibc

/// Linux capabilities of this process.
enum Capability {
    /// Bit 12 of the set, <linux/capability.h>.
    static let netAdmin: UInt64 = 1 << 12

    /// Whether the calling thread may use it; true when that can't be told, as the kernel decides.
    static func isEffective(_ capability: UInt64) -> Bool {
        guard let file = unsafe fopen("/proc/thread-self/status", "re") else { return true }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while unsafe fgets(&line, Int32(line.count), file) != nil {
            let text = String(
                decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.hasPrefix("CapEff:") else { continue }
            let digits = text.dropFirst("CapEff:".count).filter(\.isHexDigit)
            return UInt64(digits, radix: 16).map { $0 & capability != 0 } ?? true
        }
        return true
    }
}
