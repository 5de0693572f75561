/// The Linux capabilities of this process.
enum Capability {
    /// CAP_NET_ADMIN, bit 12 of the set in <linux/capability.h>.
    static let netAdmin: UInt64 = 1 << 12

    /// Whether the calling thread has the capability; true if unknown, as the kernel decides.
    static func isEffective(_ capability: UInt64) -> Bool {
        let status = try? KernelFile.contents(of: "/proc/thread-self/status")
        let line = status?.split(separator: "\n").first { $0.hasPrefix(name) }
        let digits = line?.dropFirst(name.count).filter(\.isHexDigit) ?? ""
        return UInt64(digits, radix: 16).map { $0 & capability != 0 } ?? true
    }

    private static let name = "CapEff:"
}
