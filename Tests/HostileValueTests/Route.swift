import TproxyConfig

/// A route by which a text reaches the configuration.
enum Route: String, CaseIterable, CustomStringConvertible {
    case file = "a value of a file"
    case item = "an item of a list in a file"
    case environment = "an environment variable"
    case flag = "a flag"

    var description: String { rawValue }

    /// The source with `text` as the value of `key`; nil if the key has no such route.
    func source(of key: ConfigurationKey, _ text: String) -> Source? {
        switch self {
        case .file: key.isInFiles ? Source(yaml: Self.yaml(key, Self.quoted(text))) : nil
        case .item:
            key.isInFiles && key.isList
                ? Source(yaml: Self.yaml(key, "[\(Self.quoted(text))]")) : nil
        // Variables and arguments can't contain a NUL.
        case .environment:
            text.contains("\0") ? nil : Source(environment: [key.environmentVariable: text])
        case .flag:
            text.contains("\0")
                ? nil : key.flag.map { Source(flags: [FlagValue(name: $0, values: [text])]) }
        }
    }

    struct Source {
        var yaml = ""
        var environment: [String: String] = [:]
        var flags: [FlagValue] = []
    }

    private static func yaml(_ key: ConfigurationKey, _ value: String) -> String {
        let parts = key.path.split(separator: ".")
        return parts.dropLast().map { "\($0): {" }.joined() + "\(parts.last ?? ""): \(value)"
            + String(repeating: "}", count: parts.count - 1) + "\n"
    }

    /// Escapes every character that isn't a letter or a digit, so that YAML reads exactly this
    /// text.
    static func quoted(_ text: String) -> String {
        "\""
            + text.unicodeScalars.map { scalar in
                let isPlain =
                    scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
                guard !isPlain else { return String(scalar) }
                let digits = String(scalar.value, radix: 16)
                return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }.joined() + "\""
    }
}
