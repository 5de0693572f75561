/// Excluded networks, none of which adjoins another: no backend can merge them.
struct ExclusionList: Hashable {
    /// Whether one network differs from the original list of the same length.
    enum Variant: String, CaseIterable {
        case original
        case changed
    }

    static let key = "excludePortsForIPs"
    /// 10.0.0.0/8 has room for every second /28 of it.
    static let most = 1 << 19

    let count: Int
    let variant: Variant

    /// The network that only the changed list has, in its middle.
    var changedPrefix: String { Self.prefix(count) }

    /// The network that only the original list has, in the same place.
    var replacedPrefix: String { Self.prefix(count / 2) }

    func forEach(_ body: (String) -> Void) {
        for index in 0..<count {
            body(Self.prefix(variant == .changed && index == count / 2 ? count : index))
        }
    }

    /// Writes a configuration with defaults for everything else, or with DNS redirected as well.
    func writeConfiguration(to path: String, hasDNS: Bool = false) throws(BenchError) {
        try TextFile.write(path) { write in
            guard count > 0 || hasDNS else { return write("{}\n") }
            write("redirect:\n")
            if hasDNS { write("  dns: {enabled: true, captureAll: true}\n") }
            guard count > 0 else { return }
            write("  outbound:\n    \(Self.key):\n")
            forEach { write("      - \($0)\n") }
        }
    }

    /// Addresses between excluded networks, spread over a list of 100,000.
    ///
    /// As many as the peers of an application: each lookup in the list takes another path than the
    /// one before.
    static let gaps: [UInt32] = (0..<64).map { UInt32(0x0A00_0000 + $0 * 1562 * 32 + 20) }

    private static func prefix(_ index: Int) -> String {
        let address = index * 32
        return "10.\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)/28"
    }
}
