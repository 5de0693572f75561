import Diagnostics
import TproxyConfig
import Yams

/// Turns Yams' nodes into ours, with places.
struct NodeReader {
    let lines: SourceLines
    var diagnostics: [Diagnostic] = []
    /// Aliases share nodes: what looks small may be huge when written out.
    private var budget = 1_000_000

    init(lines: SourceLines) {
        self.lines = lines
    }

    mutating func document(_ node: Node) -> RawDocument {
        switch node {
        case .mapping(let mapping): return RawDocument(entries: entries(mapping))
        case .scalar(let scalar) where Self.isNull(scalar): return RawDocument(entries: [])
        case .scalar, .sequence, .alias:
            diagnostics.append(
                .error(
                    id: "not-a-mapping", "the file doesn't hold a mapping of keys to values",
                    at: place(node.mark, length: 1),
                    help: "begin with a key such as 'redirect:'"))
            return RawDocument(entries: [])
        }
    }

    private mutating func entries(_ mapping: Node.Mapping) -> [RawNode.Entry] {
        var entries: [RawNode.Entry] = []
        for (key, value) in mapping {
            guard let name = key.scalar else {
                diagnostics.append(
                    .error(
                        id: "invalid-key", "a key is a list or a mapping",
                        at: place(key.mark, length: 1), help: "write a name before the colon"))
                continue
            }
            let origin = Origin.file(place(name.mark, length: name.string.count))
            entries.append(
                RawNode.Entry(
                    key: name.string, keyOrigin: origin, value: self.node(value, near: name.mark)))
        }
        return entries
    }

    private mutating func node(_ node: Node, near key: Mark?) -> RawNode {
        budget -= 1
        guard budget > 0 else {
            if budget == 0 {
                diagnostics.append(
                    .error(
                        id: "too-many-values",
                        "'\(lines.source)' holds more than a million values",
                        at: place(node.mark, length: 1), help: "write aliases out less often"))
            }
            return RawNode(.null, from: .file(place(node.mark, length: 1)))
        }
        switch node {
        case .scalar(let scalar):
            if Self.isNull(scalar) {
                return RawNode(.null, from: .file(place(key ?? scalar.mark, length: 1)))
            }
            let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
            let place = place(
                scalar.mark, length: max(1, scalar.string.count), shift: isQuoted ? 1 : 0)
            return RawNode(.scalar(scalar.string), from: .file(place))
        case .sequence(let sequence):
            let items = sequence.map { self.node($0, near: nil) }
            return RawNode(.list(items), from: .file(place(sequence.mark, length: 1)))
        case .mapping(let mapping):
            return RawNode(
                .mapping(entries(mapping)), from: .file(place(mapping.mark, length: 1)))
        case .alias:
            return RawNode(.null, from: .file(place(node.mark, length: 1)))
        }
    }

    /// YAML 1.2's null: nothing, `~` or `null`, without quotes.
    private static func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    private func place(_ mark: Mark?, length: Int, shift: Int = 0) -> SourceLocation {
        guard let mark else { return SourceLocation(source: lines.source) }
        return lines.location(line: mark.line, column: mark.column + shift, length: length)
    }
}
