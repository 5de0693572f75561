import TproxyTestSupport

/// A configuration with hostile texts for all keys that accept any text.
struct TextConfiguration: Sendable {
    var yaml: String

    private static let places = 6

    private init(_ texts: [String]) {
        let programs = [
            "iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save",
        ]
        let paths = zip(programs, texts.dropFirst()).map { "  \($0): \(Route.quoted($1))\n" }
        yaml =
            "redirect: {dns: {resolvConfigPath: \(Route.quoted(texts[0]))}}\n"
            + "iptablesExecutables:\n" + paths.joined() + "  ip6tables-restore: /x\n"
    }

    static let plain = TextConfiguration(Array(repeating: "/plain", count: places))

    /// All hostile values that a path may be, a few at a time.
    static let all: [TextConfiguration] = {
        let texts = HostileValue.all.map(\.text).filter { text in
            !text.isEmpty && !text.hasPrefix(" ") && !text.hasSuffix(" ")
                && !text.unicodeScalars.contains {
                    $0.properties.generalCategory == .control || $0 == "\u{FEFF}"
                }
        }
        return stride(from: 0, to: texts.count, by: places).map { start in
            let some = Array(texts[start..<min(start + places, texts.count)])
            return TextConfiguration(
                some + Array(repeating: "/plain", count: places - some.count))
        }
    }()
}
