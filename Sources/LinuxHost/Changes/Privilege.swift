package import RuleIR

/// The privilege to read and change firewall rules: CAP_NET_ADMIN, with or without root.
package enum Privilege {
    /// CAP_NET_ADMIN, bit 12 of the set in <linux/capability.h>.
    private static let netAdmin: UInt64 = 1 << 12
    /// The line of `status` (proc(5)) with the effective capabilities.
    private static let field = "CapEff:"

    /// Throws `missingCapability` if this process lacks it, before anything changes.
    package static func check(toRead isReading: Bool = false) throws(BackendError) {
        guard isEffective(netAdmin) else {
            throw .missingCapability("CAP_NET_ADMIN", isReading: isReading)
        }
    }

    /// The capabilities for eBPF programs that the process lacks.
    ///
    /// CAP_SYS_ADMIN includes CAP_BPF and CAP_PERFMON. It finds programs and maps by their IDs.
    package static var missingForPrograms: [String] {
        let sysAdmin: UInt64 = 1 << 21
        var needed = [("CAP_NET_ADMIN", netAdmin), ("CAP_SYS_ADMIN", sysAdmin)]
        if !isEffective(sysAdmin) {
            needed += [("CAP_BPF", 1 << 39), ("CAP_PERFMON", 1 << 38)]
        }
        return needed.filter { !isEffective($0.1) }.map(\.0)
    }

    /// Whether the calling thread has the capability; true if unknown, as the kernel decides.
    private static func isEffective(_ capability: UInt64) -> Bool {
        let status = try? KernelFile.contents(of: "/proc/thread-self/status")
        let line = status?.split(separator: "\n").first { $0.hasPrefix(field) }
        let digits = line?.dropFirst(field.count).filter(\.isHexDigit) ?? ""
        return UInt64(digits, radix: 16).map { $0 & capability != 0 } ?? true
    }
}
