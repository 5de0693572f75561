/// A value as it was written, before anybody knows what it is for.
package struct RawNode: Sendable {
    package enum Content: Sendable {
        case scalar(String)
        case list([RawNode])
        case mapping([Entry])
        /// Nothing behind the key, `~` or `null`.
        case null
    }

    package struct Entry: Sendable {
        package var key: String
        package var keyOrigin: Origin
        package var value: RawNode

        package init(key: String, keyOrigin: Origin, value: RawNode) {
            self.key = key
            self.keyOrigin = keyOrigin
            self.value = value
        }
    }

    package var content: Content
    package var origin: Origin

    package init(_ content: Content, from origin: Origin) {
        self.content = content
        self.origin = origin
    }

    /// What it is, for a message.
    var kind: String {
        switch content {
        case .scalar: "a single value"
        case .list: "a list"
        case .mapping: "a mapping"
        case .null: "empty"
        }
    }
}

/// One file's content: the mapping at its top.
package struct RawDocument: Sendable {
    package var entries: [RawNode.Entry]

    package init(entries: [RawNode.Entry]) {
        self.entries = entries
    }
}

/// A flag as it was given, such as `--vnet`, with its values in order; at least one.
package struct FlagValue: Sendable {
    package var name: String
    package var values: [String]

    package init(name: String, values: [String]) {
        self.name = name
        self.values = values
    }
}
