import Diagnostics

extension ConfigurationKey {
    /// How one text holds several items.
    enum Splitting {
        /// `80,443`.
        case commas
        /// `tcp:80,443:1000;udp:53:1001`, because an item may hold commas itself.
        case semicolons
    }

    /// A key with a list of values; a later source replaces the whole list.
    static func list<Item: Hashable & Sendable>(
        _ path: String, _ environment: String, flag: String? = nil,
        at keyPath: any WritableKeyPath<TproxyConfig, Setting<[Setting<Item>]>> & Sendable,
        of format: ValueFormat<Item>, splitting: Splitting, _ summary: String
    ) -> ConfigurationKey {
        let separator = splitting == .commas ? "," : ";"
        return ConfigurationKey(
            path: path, environmentSuffix: environment, flag: flag, summary: summary,
            format: "list of: \(format.words); in one text separated by `\(separator)`",
            schema: .either([
                .list(format.schema), .text(pattern: nil), .integer(0...4_294_967_294),
            ]),
            defaultText: "[]", isInFiles: true, isList: true,
            decode: { node, config, diagnostics in
                var items: [Setting<Item>] = []
                let problems = diagnostics.count
                for scalar in scalars(of: node, path, expected: format.words, &diagnostics) {
                    for piece in pieces(of: scalar.text, splitting, format) {
                        add(piece, from: scalar.origin, path, format, to: &items, &diagnostics)
                    }
                }
                if diagnostics.count == problems {
                    config[keyPath: keyPath] = Setting(items, from: node.origin)
                }
            },
            rows: { config in
                let setting = config[keyPath: keyPath]
                guard !setting.value.isEmpty else {
                    return [Row(path: path, value: "[]", origin: setting.origin)]
                }
                return setting.value.enumerated().map { index, item in
                    Row(
                        path: "\(path)[\(index)]", value: format.text(item.value),
                        origin: item.origin)
                }
            },
            yaml: { config in
                let items = config[keyPath: keyPath].value.map { quoted(format.text($0.value)) }
                return "[\(items.joined(separator: ", "))]"
            })
    }

    private static func add<Item>(
        _ piece: Piece, from origin: Origin, _ path: String, _ format: ValueFormat<Item>,
        to items: inout [Setting<Item>], _ diagnostics: inout [Diagnostic]
    ) {
        guard !piece.text.isEmpty else {
            diagnostics.append(ValueProblem.emptyItem(piece).diagnostic(of: path, at: origin))
            return
        }
        switch format.parse(piece) {
        case .success(let value):
            let narrowed = origin.narrowed(offset: piece.offset, length: piece.text.count)
            items.append(Setting(value, from: narrowed))
        case .failure(let problem):
            diagnostics.append(problem.diagnostic(of: path, at: origin))
        }
    }

    /// The texts that a node holds: itself, or its items.
    private static func scalars(
        of node: RawNode, _ path: String, expected: String, _ diagnostics: inout [Diagnostic]
    ) -> [(text: String, origin: Origin)] {
        switch node.content {
        case .scalar(let text): return [(text, node.origin)]
        case .list(let items):
            var found: [(text: String, origin: Origin)] = []
            for item in items {
                if case .scalar(let text) = item.content {
                    found.append((text, item.origin))
                } else {
                    diagnostics.append(
                        .wrongKind(
                            "an item of \(path)", item.kind, expected: expected, at: item.origin))
                }
            }
            return found
        case .null, .mapping:
            diagnostics.append(
                .wrongKind(path, node.kind, expected: "a list of: \(expected)", at: node.origin))
            return []
        }
    }

    /// Kuma splits the environment at commas alone; a text that is one item only in that reading
    /// is read so.
    private static func pieces<Item>(
        of text: String, _ splitting: Splitting, _ format: ValueFormat<Item>
    ) -> [Piece] {
        switch splitting {
        case .commas: return Piece(text).split(on: ",")
        case .semicolons:
            return Piece(text).split(on: ";").flatMap { piece -> [Piece] in
                if case .success = format.parse(piece) { return [piece] }
                let parts = piece.split(on: ",")
                let areItems = parts.allSatisfy { part in
                    if case .success = format.parse(part) { true } else { false }
                }
                return areItems ? parts : [piece]
            }
        }
    }
}
