/// Linux capabilities of this process.
enum Capability {
    /// Bit 12 of the set, <linux/capability.h>.
    static let netAdmin: UInt64 = 1 << 12

    /// Whether the calling thread may use it; true when that can't be told, as the kernel decides.
    static func isEffective(_ capability: UInt64) -> Bool {
        let status = try? KernelFile.contents(of: "/proc/thread-self/status")
        let line = status?.split(separator: "\n").first { $0.hasPrefix(name) }
        let digits = line?.dropFirst(name.count).filter(\.isHexDigit) ?? ""
        return UInt64(digits, radix: 16).map { $0 & capability != 0 } ?? true
    }

    private static let name = "CapEff:"
}
