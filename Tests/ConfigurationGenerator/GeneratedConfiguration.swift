package import HostFacts

/// A random configuration, as keys and values that can be removed one by one.
package struct GeneratedConfiguration: Hashable, Sendable {
    /// One key and its value, as texts.
    package struct Entry: Hashable, Sendable {
        /// The key's path, such as `redirect.inbound.port`.
        package var path: String
        package var value: Value

        package init(_ path: String, _ value: Value) {
            self.path = path
            self.value = value
        }
    }

    package enum Value: Hashable, Sendable {
        case scalar(String)
        case list([String])
        /// Keys and values of a mapping that isn't part of the schema, such as program paths.
        case mapping([String: String])
    }

    /// Keys of files.
    package var entries: [Entry]
    /// Keys that only the environment can set, by variable.
    package var environment: [String: String]
    package var facts: HostFacts

    package init(
        entries: [Entry] = [], environment: [String: String] = [:], facts: HostFacts = HostFacts()
    ) {
        self.entries = entries
        self.environment = environment
        self.facts = facts
    }

    /// The entries as a YAML file.
    package var yaml: String {
        entries.isEmpty
            ? "{}\n"
            : Self.yaml(entries.map { ($0.path.split(separator: ".")[...], $0.value) }, depth: 0)
    }

    private static func yaml(
        _ entries: [(path: ArraySlice<Substring>, value: Value)], depth: Int
    ) -> String {
        let indent = String(repeating: "  ", count: depth)
        var names: [Substring] = []
        for entry in entries {
            if let name = entry.path.first, !names.contains(name) { names.append(name) }
        }
        return names.map { name in
            let below = entries.filter { $0.path.first == name }
            let leaf = below.first { $0.path.count == 1 }
            guard let leaf else {
                return "\(indent)\(name):\n"
                    + yaml(below.map { ($0.path.dropFirst(), $0.value) }, depth: depth + 1)
            }
            return "\(indent)\(name):" + text(leaf.value, indent)
        }.joined()
    }

    private static func text(_ value: Value, _ indent: String) -> String {
        switch value {
        case .scalar(let text): " \(quoted(text))\n"
        case .list(let items) where items.isEmpty: " []\n"
        case .list(let items):
            "\n" + items.map { "\(indent)  - \(quoted($0))\n" }.joined()
        case .mapping(let pairs):
            " {"
                + pairs.sorted { $0.key < $1.key }.map { "\($0.key): \(quoted($0.value))" }
                .joined(separator: ", ") + "}\n"
        }
    }

    /// Plain if YAML can't read it as anything else.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
            }
        return isPlain ? text : "\"\(text)\""
    }
}
