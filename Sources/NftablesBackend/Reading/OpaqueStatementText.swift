import JSON

/// The text of statements in a listing that the IR can't express, in nft's syntax.
enum OpaqueStatementText {
    static func statement(_ statement: JSONValue) -> String {
        guard case .object(let members) = statement, let (keyword, value) = members.first,
            members.count == 1
        else { return expression(statement) }
        switch keyword {
        case "match":
            let test = value["op"]?.string ?? "=="
            // nft requires an explicit operator for masked bits.
            let isPlain = ["==", "in"].contains(test) && value["left"]?["&"] == nil
            let words = isPlain ? " " : " \(test) "
            return expression(value["left"] ?? .null) + words + expression(value["right"] ?? .null)
        case "jump", "goto": return "\(keyword) \(value["target"]?.string ?? "?")"
        case "mangle":
            return "\(expression(value["key"] ?? .null)) set \(expression(value["value"] ?? .null))"
        case "vmap":
            return "\(expression(value["key"] ?? .null)) vmap"
                + " \(expression(value["data"] ?? .null))"
        case _:
            guard value != .null else { return keyword }
            return "\(keyword) \(options(value))"
        }
    }

    private static func expression(_ value: JSONValue) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return "\(flag)"
        case .number(let number): return "\(number)"
        case .real(let number): return "\(number)"
        case .string(let text): return text
        case .array(let items): return items.map(expression).joined(separator: ", ")
        case .object(let members):
            guard let (keyword, inner) = members.first, members.count == 1 else {
                return options(value)
            }
            return expression(keyword, inner)
        }
    }

    private static func expression(_ keyword: String, _ value: JSONValue) -> String {
        switch keyword {
        case "meta", "ct":
            "\(keyword) \(value["dir"]?.string.map { $0 + " " } ?? "")\(value["key"]?.string ?? options(value))"
        case "payload" where value["base"] != nil:
            "@\(value["base"]?.string ?? "?"),\(value["offset"]?.number ?? 0)"
                + ",\(value["len"]?.number ?? 0)"
        case "map":
            "\(expression(value["key"] ?? .null)) map \(expression(value["data"] ?? .null))"
        case "&", "|", "^": (value.array ?? []).map(expression).joined(separator: " \(keyword) ")
        case "payload":
            "\(value["protocol"]?.string ?? "") \(value["field"]?.string ?? options(value))"
        case "prefix": "\(expression(value["addr"] ?? .null))/\(value["len"]?.number ?? 0)"
        case "range": (value.array ?? []).map(expression).joined(separator: "-")
        case "concat": (value.array ?? []).map(expression).joined(separator: " . ")
        case "set": "{ \(expression(value)) }"
        case "elem": expression(value["val"] ?? .null)
        case _: "\(keyword) \(options(value))"
        }
    }

    /// Returns the members as names and values, in a fixed order.
    private static func options(_ value: JSONValue) -> String {
        guard case .object(let members) = value else { return expression(value) }
        return members.sorted { $0.key < $1.key }.map { "\($0.key) \(expression($0.value))" }
            .joined(separator: " ")
    }
}
