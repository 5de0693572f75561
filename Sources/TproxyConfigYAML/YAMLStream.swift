package import Diagnostics

/// The documents of a YAML text, with the lines of each node.
package struct YAMLStream: Sendable {
    package private(set) var documents: [YAMLNode] = []
    /// The lines behind the first one of each text that takes several; a comment can't begin there.
    package private(set) var linesInsideTexts: Set<Int> = []

    /// Parses a text of any number of documents; aliases stay aliases.
    package init(_ source: SourceText) throws(YAMLDocument.Problem) {
        if let hazard = YAMLHazard.size(of: source.text, source.name) ?? YAMLHazard.find(in: source)
        {
            throw YAMLDocument.Problem(diagnostics: [hazard])
        }
        do throws(YAMLProblem) {
            var reader = try StreamReader(source)
            documents = try reader.documents()
            linesInsideTexts = reader.linesInsideTexts
        } catch {
            throw YAMLDocument.Problem(diagnostics: [.yaml(error, in: source)])
        }
    }
}

/// Builds nodes from libyaml's events.
private struct StreamReader: ~Copyable {
    private let parser: EventParser
    var linesInsideTexts: Set<Int> = []
    /// The maximum nesting: reading and freeing nodes uses stack for each level.
    private static let maximumDepth = 64

    init(_ source: SourceText) throws(YAMLProblem) {
        parser = try EventParser(source.text, tabsAreSpaces: false)
    }

    mutating func documents() throws(YAMLProblem) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            let placed = try parser.nextPlaced()
            switch placed.event {
            case .streamEnd: return documents
            case .documentStart: documents.append(try node(try parser.nextPlaced(), depth: 1))
            case _: continue
            }
        }
    }

    private mutating func node(
        _ placed: PlacedYAMLEvent, depth: Int
    ) throws(YAMLProblem) -> YAMLNode {
        guard depth <= Self.maximumDepth else {
            throw .nestedTooDeep(limit: Self.maximumDepth, at: placed.start)
        }
        func made(_ content: YAMLNode.Content, _ endLine: Int, _ anchor: String?) -> YAMLNode {
            YAMLNode(
                content: content, start: placed.start, endLine: endLine, isFlow: placed.isFlow,
                isAnchored: anchor != nil)
        }
        switch placed.event {
        case .alias(let name): return made(.alias(name), placed.end.line + 1, nil)
        case .scalar(let scalar): return made(content(scalar), end(of: placed), scalar.anchor)
        case .listStart(let anchor):
            var items: [YAMLNode] = []
            while true {
                let next = try parser.nextPlaced()
                if case .listEnd = next.event {
                    let end = Self.end(after: items.last, placed, next)
                    return made(.list(items), end, anchor)
                }
                items.append(try node(next, depth: depth + 1))
            }
        case .mappingStart(let anchor):
            var entries: [YAMLNode.Entry] = []
            var keys: Set<String> = []
            while true {
                let next = try parser.nextPlaced()
                if case .mappingEnd = next.event {
                    let end = Self.end(after: entries.last?.value, placed, next)
                    return made(.mapping(entries), end, anchor)
                }
                entries.append(try entry(next, depth: depth, &keys))
            }
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .listEnd, .mappingEnd:
            throw .malformed("found no value", at: placed.start)
        }
    }

    private mutating func entry(
        _ placed: PlacedYAMLEvent, depth: Int, _ keys: inout Set<String>
    ) throws(YAMLProblem) -> YAMLNode.Entry {
        guard case .scalar(let key) = placed.event else {
            throw .malformed("found a key that isn't a name", at: placed.start)
        }
        guard keys.insert(key.text).inserted else {
            throw .repeatedKey(key.text, at: placed.start)
        }
        _ = end(of: placed)
        var value = try node(try parser.nextPlaced(), depth: depth + 1)
        // The place of an empty value is undefined; it is on the line of its key.
        if case .null(isWritten: false) = value.content {
            value.start = placed.start
            value.endLine = placed.start.line + 1
        }
        return YAMLNode.Entry(key: key.text, keyMark: placed.start, value: value)
    }

    /// Returns the first line behind a text, and records the lines inside it.
    private mutating func end(of placed: PlacedYAMLEvent) -> Int {
        // A block ends where the next line begins.
        let isAtStart = placed.end.column == 1 && placed.end.line > placed.start.line
        let end = isAtStart ? placed.end.line : placed.end.line + 1
        if end > placed.start.line + 1 {
            linesInsideTexts.formUnion(placed.start.line + 1..<end)
        }
        return end
    }

    /// Returns the first line behind a collection.
    private static func end(
        after last: YAMLNode?, _ start: PlacedYAMLEvent, _ end: PlacedYAMLEvent
    ) -> Int {
        if start.isFlow { return end.end.line + 1 }
        return last?.endLine ?? start.start.line + 1
    }

    private func content(_ scalar: YAMLEvent.Scalar) -> YAMLNode.Content {
        guard scalar.style == .plain else { return .scalar(scalar.text, isPlain: false) }
        return switch scalar.text {
        case "": .null(isWritten: false)
        case "~", "null", "Null", "NULL": .null(isWritten: true)
        case _: .scalar(scalar.text, isPlain: true)
        }
    }
}
