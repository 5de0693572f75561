/// A node of a YAML document with the lines that it takes, for editing the text.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        /// The text, and whether it is neither quoted nor a block.
        case scalar(String, isPlain: Bool)
        case list([YAMLNode])
        case mapping([Entry])
        /// Null: written as `~` or `null`, or nothing at all.
        case null(isWritten: Bool)
        /// A reference to the node with this anchor.
        case alias(String)
    }

    package struct Entry: Sendable {
        package var key: String
        package var keyMark: YAMLMark
        package var value: YAMLNode
    }

    package var content: Content
    package var start: YAMLMark
    /// The first line behind the node.
    package var endLine: Int
    /// Whether the node is a collection in brackets or braces.
    package var isFlow: Bool
    /// Whether the node has an anchor, so that aliases may repeat it.
    package var isAnchored: Bool

    /// The entries of a mapping; nil for other nodes.
    package var entries: [Entry]? {
        guard case .mapping(let entries) = content else { return nil }
        return entries
    }

    /// The items of a list; nil for other nodes.
    package var items: [YAMLNode]? {
        guard case .list(let items) = content else { return nil }
        return items
    }

    package var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    package func entry(_ key: String) -> Entry? {
        entries?.first { $0.key == key }
    }

    /// Returns the value at a path of keys; nil if a part of it is missing.
    package subscript(path: String...) -> YAMLNode? {
        var node = self
        for key in path {
            guard let next = node.entry(key) else { return nil }
            node = next.value
        }
        return node
    }

    /// Whether both nodes have the same values, wherever they stand.
    package func isSame(as other: YAMLNode) -> Bool {
        switch (content, other.content) {
        case (.scalar(let text, let isPlain), .scalar(let otherText, let otherIsPlain)):
            text == otherText && isPlain == otherIsPlain
        case (.null, .null): true
        case (.alias(let name), .alias(let otherName)): name == otherName
        case (.list(let items), .list(let others)):
            items.count == others.count && zip(items, others).allSatisfy { $0.isSame(as: $1) }
        case (.mapping(let entries), .mapping(let others)):
            entries.count == others.count
                && zip(entries, others).allSatisfy {
                    $0.key == $1.key && $0.value.isSame(as: $1.value)
                }
        case _: false
        }
    }

    /// Returns the node without what begins in `lines`; a collection that is then empty is null.
    package func without(_ lines: Set<Int>) -> YAMLNode {
        var node = self
        switch content {
        case .scalar, .null, .alias: break
        case .list(let items):
            let rest = items.filter { !lines.contains($0.start.line) }.map { $0.without(lines) }
            node.content =
                rest.isEmpty && !items.isEmpty ? .null(isWritten: false) : .list(rest)
        case .mapping(let entries):
            let rest = entries.filter { !lines.contains($0.keyMark.line) }.map {
                Entry(key: $0.key, keyMark: $0.keyMark, value: $0.value.without(lines))
            }
            node.content =
                rest.isEmpty && !entries.isEmpty ? .null(isWritten: false) : .mapping(rest)
        }
        return node
    }
}
