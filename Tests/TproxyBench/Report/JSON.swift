/// A JSON document.
///
/// Without Foundation, which would make this program larger than the small programs whose memory it
/// measures.
enum JSON: Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    /// In the order in which they are written.
    case object([Member])

    struct Member: Hashable {
        var name: String
        var value: JSON
    }

    static func object(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    static func number(_ value: Int) -> JSON { .number(Double(value)) }

    /// The text, indented.
    func rendered(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let value): return Self.digits(value)
        case .text(let text): return Self.quoted(text)
        case .list(let items):
            guard !items.isEmpty else { return "[]" }
            return Self.block("[", items.map { $0.rendered(indent: inner) }, "]", indent)
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            return Self.block(
                "{",
                members.map { "\(Self.quoted($0.name)): \($0.value.rendered(indent: inner))" }, "}",
                indent)
        }
    }

    private static func block(
        _ start: String, _ items: [String], _ end: String, _ indent: String
    ) -> String {
        "\(start)\n"
            + items.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)\(end)"
    }

    /// A whole number without a decimal point; null for what isn't finite.
    private static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return String(value)
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            case _: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Spread {
    var json: JSON {
        .object([
            "median": .number(median), "lowest": .number(lowest), "highest": .number(highest),
        ])
    }
}
