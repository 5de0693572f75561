/// A value as written in a source, before it is matched with a key.
package struct RawNode: Sendable {
    package enum Content: Sendable {
        case scalar(String)
        case list([RawNode])
        case mapping([Entry])
        /// An empty value, `~` or `null`.
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

    /// The kind of value, as a noun phrase for a message.
    var kind: String {
        switch content {
        case .scalar: "a single value"
        case .list: "a list"
        case .mapping: "a mapping"
        case .null: "empty"
        }
    }
}

/// The top-level mapping of one file.
package struct RawDocument: Sendable {
    package var entries: [RawNode.Entry]

    package init(entries: [RawNode.Entry]) {
        self.entries = entries
    }
}

/// A flag such as `--vnet` with its values in order; there is at least one.
package struct FlagValue: Sendable {
    package var name: String
    package var values: [String]

    package init(name: String, values: [String]) {
        self.name = name
        self.values = values
    }
}
