import Diagnostics
import TproxyConfig

/// Builds nodes with source locations from libyaml's events.
struct NodeReader: ~Copyable {
    /// A node that has an anchor, to which aliases may refer.
    private struct Anchored {
        var node: RawNode
        /// The text of the node if it is used as a key.
        var text: String?
        var mark: YAMLMark
        /// The number of values in the node, including itself.
        var count: Int
        /// The number of levels of the node, including itself.
        var height: Int
    }

    private let source: SourceText
    private let parser: EventParser
    private(set) var diagnostics: [Diagnostic] = []
    private var anchors: [String: Anchored] = [:]
    /// The number of values that may still be read, with aliases written out.
    ///
    /// Aliases share nodes, so a short text may stand for very many values.
    private var budget = 1_000_000
    /// The deepest level of the value that is being read.
    private var deepest = 0
    /// The maximum nesting, deeper than any configuration.
    ///
    /// Reading and freeing nodes uses stack for each level.
    private static let maximumDepth = 16

    init(_ source: SourceText) throws(YAMLProblem) {
        self.source = source
        let isJSON = source.text.first { !$0.isWhitespace } == "{"
        parser = try EventParser(source.text, tabsAreSpaces: isJSON)
    }

    /// Reads the whole text, in which at most one document isn't empty.
    mutating func document() throws(YAMLProblem) -> RawDocument {
        _ = try parser.next()
        var found: (root: RawNode, mark: YAMLMark)?
        while true {
            let (start, place) = try parser.next()
            if case .streamEnd = start { break }
            let (event, mark) = try parser.next()
            anchors = [:]
            let root = try node(event, at: mark, near: nil, depth: 1)
            _ = try parser.next()
            if case .null = root.content { continue }
            guard found == nil else { throw .severalDocuments(at: place) }
            found = (root, mark)
        }
        guard let (root, mark) = found else { return RawDocument(entries: []) }
        switch root.content {
        case .mapping(let entries): return RawDocument(entries: entries)
        case .null: break
        case .scalar, .list:
            diagnostics.append(
                .error(
                    id: "not-a-mapping", "the file doesn't hold a mapping of keys to values",
                    at: self.place(mark, length: 1), help: "begin with a key such as 'redirect:'"))
        }
        return RawDocument(entries: [])
    }

    /// Returns the node that begins with `event`.
    ///
    /// `key` is the position of the key before it. The root has depth 1.
    private mutating func node(
        _ event: YAMLEvent, at mark: YAMLMark, near key: YAMLMark?, depth: Int
    ) throws(YAMLProblem) -> RawNode {
        let outside = deepest
        try reach(depth, at: mark)
        defer { deepest = max(deepest, outside) }
        let before = budget
        spend(1, at: mark)
        switch event {
        case .alias(let name): return try alias(name, at: mark, near: key, depth: depth)
        case .scalar(let scalar):
            let node = self.scalar(scalar, at: mark, near: key)
            register(node, scalar.text, as: scalar.anchor, at: mark, before, depth)
            return node
        case .listStart(let anchor):
            var items: [RawNode] = []
            while true {
                let (event, mark) = try parser.next()
                if case .listEnd = event { break }
                let item = try node(event, at: mark, near: nil, depth: depth + 1)
                if budget > 0 { items.append(item) }
            }
            let node = RawNode(.list(items), from: .file(place(mark, length: 1)))
            register(node, nil, as: anchor, at: mark, before, depth)
            return node
        case .mappingStart(let anchor):
            let node = RawNode(
                .mapping(try entries(depth: depth + 1)), from: .file(place(mark, length: 1)))
            register(node, nil, as: anchor, at: mark, before, depth)
            return node
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .listEnd, .mappingEnd:
            throw .malformed("found no value", at: mark)
        }
    }

    /// Records that a value is nested `depth` levels deep.
    private mutating func reach(_ depth: Int, at mark: YAMLMark) throws(YAMLProblem) {
        guard depth <= Self.maximumDepth else {
            throw .nestedTooDeep(limit: Self.maximumDepth, at: mark)
        }
        deepest = depth
    }

    /// Reads the entries of a mapping after its start event; `depth` is the depth of the values.
    private mutating func entries(depth: Int) throws(YAMLProblem) -> [RawNode.Entry] {
        var entries: [RawNode.Entry] = []
        var first: Set<String> = []
        var repeated: [String: YAMLMark] = [:]
        var merged: [RawNode.Entry] = []
        while true {
            let (event, mark) = try parser.next()
            if case .mappingEnd = event { break }
            let isMerge = Self.isMergeKey(event)
            let key = try key(event, at: mark, depth: depth)
            let (next, place) = try parser.next()
            let value = try node(next, at: place, near: key?.mark ?? mark, depth: depth)
            if isMerge {
                guard let more = Self.mergedEntries(value) else { throw .invalidMerge(at: mark) }
                merged += more
                continue
            }
            guard let key else {
                diagnostics.append(
                    .error(
                        id: "invalid-key", "a key is a list or a mapping",
                        at: self.place(mark, length: 1), help: "write a name before the colon"))
                continue
            }
            guard first.insert(key.text).inserted else {
                repeated[key.text] = repeated[key.text] ?? key.mark
                continue
            }
            let origin = Origin.file(
                self.place(key.mark, length: key.text.characterCount))
            entries.append(RawNode.Entry(key: key.text, keyOrigin: origin, value: value))
        }
        if let (name, mark) = repeated.min(by: { $0.key < $1.key }) {
            throw .repeatedKey(name, at: mark)
        }
        // The mapping's own keys win, and of the merged ones the first.
        var names = first
        return entries + merged.filter { names.insert($0.key).inserted }
    }

    /// Whether a key is `<<`, which adds the entries of other mappings (YAML 1.1).
    private static func isMergeKey(_ event: YAMLEvent) -> Bool {
        guard case .scalar(let scalar) = event, scalar.style == .plain else { return false }
        return scalar.text == "<<"
    }

    /// Returns the entries of a mapping or of a list of mappings; nil for any other value.
    private static func mergedEntries(_ value: RawNode) -> [RawNode.Entry]? {
        switch value.content {
        case .mapping(let entries): return entries
        case .list(let items):
            var all: [RawNode.Entry] = []
            for item in items {
                guard case .mapping(let entries) = item.content else { return nil }
                all += entries
            }
            return all
        case .scalar, .null: return nil
        }
    }

    /// Returns the text and the position of a key; nil for a list or a mapping, which is skipped.
    private mutating func key(
        _ event: YAMLEvent, at mark: YAMLMark, depth: Int
    ) throws(YAMLProblem) -> (text: String, mark: YAMLMark)? {
        if case .scalar(let scalar) = event {
            let node = RawNode(.scalar(scalar.text), from: .file(place(mark, length: 1)))
            register(node, scalar.text, as: scalar.anchor, at: mark, budget + 1, deepest)
            return (scalar.text, mark)
        }
        if case .alias(let name) = event, let anchored = anchors[name] {
            return anchored.text.map { ($0, anchored.mark) }
        }
        _ = try node(event, at: mark, near: nil, depth: depth)
        return nil
    }

    private func scalar(
        _ scalar: YAMLEvent.Scalar, at mark: YAMLMark, near key: YAMLMark?
    ) -> RawNode {
        if Self.isNull(scalar) {
            return RawNode(.null, from: .file(place(key ?? mark, length: 1)))
        }
        let place = place(
            mark, length: max(1, scalar.text.characterCount),
            shift: scalar.style == .quoted ? 1 : 0)
        return RawNode(.scalar(scalar.text), from: .file(place))
    }

    /// Returns the node that an alias refers to, with the location where that node was written.
    private mutating func alias(
        _ name: String, at mark: YAMLMark, near key: YAMLMark?, depth: Int
    ) throws(YAMLProblem) -> RawNode {
        guard let anchored = anchors[name] else {
            throw .malformed("found undefined alias", at: mark)
        }
        try reach(depth + anchored.height - 1, at: mark)
        spend(anchored.count - 1, at: mark)
        if case .null = anchored.node.content, let key {
            return RawNode(.null, from: .file(place(key, length: 1)))
        }
        return anchored.node
    }

    private mutating func register(
        _ node: RawNode, _ text: String?, as anchor: String?, at mark: YAMLMark, _ before: Int,
        _ depth: Int
    ) {
        guard let anchor else { return }
        anchors[anchor] = Anchored(
            node: node, text: text, mark: mark, count: before - budget,
            height: deepest - depth + 1)
    }

    /// Subtracts `count` values from the budget; reports once that there are too many.
    private mutating func spend(_ count: Int, at mark: YAMLMark) {
        let isFirst = budget > 0
        budget -= count
        guard isFirst, budget <= 0 else { return }
        diagnostics.append(
            .error(
                id: "too-many-values", "'\(source.name)' holds more than a million values",
                at: place(mark, length: 1), help: "use fewer aliases"))
    }

    /// Whether a scalar is null in YAML 1.2: empty, `~` or `null`, unquoted.
    private static func isNull(_ scalar: YAMLEvent.Scalar) -> Bool {
        // Fast path: most items of a long list are longer, and five comparisons for each cost time.
        guard scalar.style == .plain, scalar.text.utf8.count <= 4 else { return false }
        return switch scalar.text {
        case "", "~", "null", "Null", "NULL": true
        case _: false
        }
    }

    private func place(_ mark: YAMLMark, length: Int, shift: Int = 0) -> SourceLocation {
        SourceLocation(
            in: source, line: mark.line, column: mark.column + shift, length: length)
    }
}
