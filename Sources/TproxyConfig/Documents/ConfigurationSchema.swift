/// Writes a JSON Schema (draft 2020-12) of the configuration file.
package enum ConfigurationSchema {
    /// The schema as JSON text, which is the same every time.
    package static var json: String {
        var text = """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "tproxy configuration",

            """
        text += properties(below: "", indent: 1) + "\n}\n"
        return text
    }

    /// Returns the `type`, `properties` and `additionalProperties` of a group of keys.
    private static func properties(below group: String, indent: Int) -> String {
        let space = String(repeating: "  ", count: indent)
        let prefix = group.isEmpty ? "" : group + "."
        let members = KeyWalk.children(of: group).map { name in
            let path = prefix + name
            let body: String
            if let key = ConfigurationKey.named(path) {
                body = [
                    "\(space)    \"description\": \(ConfigurationKey.quoted(key.summary)),",
                    "\(space)    \(fragment(key.schema))",
                ].joined(separator: "\n")
            } else {
                body = properties(below: path, indent: indent + 2)
            }
            return "\(space)  \"\(name)\": {\n\(body)\n\(space)  }"
        }
        return [
            "\(space)\"type\": \"object\",",
            "\(space)\"additionalProperties\": false,",
            "\(space)\"properties\": {",
            members.joined(separator: ",\n"),
            "\(space)}",
        ].joined(separator: "\n")
    }

    /// Returns the members of the object that describes a value, without its braces.
    private static func fragment(_ schema: SchemaFragment) -> String {
        switch schema {
        case .boolean: "\"type\": \"boolean\""
        case .integer(let range):
            "\"type\": \"integer\", \"minimum\": \(range.lowerBound), \"maximum\": \(range.upperBound)"
        case .text(nil): "\"type\": \"string\""
        case .text(let pattern?):
            "\"type\": \"string\", \"pattern\": \(ConfigurationKey.quoted(pattern))"
        case .choice(let words):
            "\"enum\": [\(words.map { ConfigurationKey.quoted($0) }.joined(separator: ", "))]"
        case .list(let item): "\"type\": \"array\", \"items\": {\(fragment(item))}"
        case .either(let choices):
            "\"anyOf\": [\(choices.map { "{\(fragment($0))}" }.joined(separator: ", "))]"
        case .mapping(let names, let value):
            "\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
                + names.map { "\"\($0)\": {\(fragment(value))}" }.joined(separator: ", ") + "}"
        }
    }
}
