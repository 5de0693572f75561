import RuleIR

extension MarkTest {
    /// Parses `0x4000` and `0x4000/0x4000`.
    init?(_ text: String) {
        guard let (value, mask) = SavedMark.pair(text) else { return nil }
        self.init(mask: mask ?? .max, values: [value])
    }
}

/// Reads the options of MARK and CONNMARK, as iptables-save(8) prints them.
enum SavedMark {
    /// Returns the changes that the target of a rule makes.
    static func changes(of rule: IptablesRule) -> [PacketChange] {
        let options = Array(rule.target.dropFirst(2))
        switch rule.target.dropFirst().first {
        case "MARK": return [set(.packet, options)]
        case "CONNMARK": return [connection(options)]
        case _: return []
        }
    }

    /// `--set-xmark 0x4000/0x4000`, to which the tools reduce all options but copies.
    private static func set(
        _ mark: PacketChange.Mark, _ options: [String]
    ) -> PacketChange {
        guard options.count == 2, options[0] == "--set-xmark", let (value, mask) = pair(options[1])
        else { return .unknown(mark) }
        return .mark(mark, MarkChange(keeping: ~(mask ?? .max), inverting: value))
    }

    /// `--save-mark` and `--restore-mark` with their masks, or a plain value.
    private static func connection(_ options: [String]) -> PacketChange {
        let target: PacketChange.Mark
        switch options.first {
        case "--save-mark": target = .connection
        case "--restore-mark": target = .packet
        case _: return set(.connection, options)
        }
        var (packet, connection) = (UInt32.max, UInt32.max)
        var rest = options.dropFirst()
        while let name = rest.popFirst() {
            guard let mask = rest.popFirst().flatMap({ number($0) }) else {
                return .unknown(target)
            }
            switch name {
            case "--mask": (packet, connection) = (mask, mask)
            case "--nfmask": packet = mask
            case "--ctmask": connection = mask
            case _: return .unknown(target)
            }
        }
        return switch target {
        case .packet: .copy(to: .packet, keeping: ~packet, copying: connection)
        case .connection: .copy(to: .connection, keeping: ~connection, copying: packet)
        }
    }

    /// Parses a value, and the mask after a slash.
    fileprivate static func pair(_ text: String) -> (value: UInt32, mask: UInt32?)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { number($0) }
        guard numbers.count == parts.count, let value = numbers.first, numbers.count <= 2 else {
            return nil
        }
        return (value, numbers.count == 2 ? numbers[1] : nil)
    }

    /// Parses a mark, which the tools print in hexadecimal.
    private static func number(_ text: some StringProtocol) -> UInt32? {
        text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text, radix: 10)
    }
}
