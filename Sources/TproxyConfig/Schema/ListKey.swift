import Diagnostics

extension ConfigurationKey {
    /// The separator between the items of a list written as one text.
    enum Splitting {
        /// `80,443`.
        case commas
        /// `tcp:80,443:1000;udp:53:1001`, because an item may itself contain commas.
        case semicolons

        var separator: Character {
            switch self {
            case .commas: ","
            case .semicolons: ";"
            }
        }
    }

    /// Returns a key whose value is a list; a later source replaces the whole list.
    static func list<Item: Hashable & Sendable>(
        _ path: String, _ environment: String, flag: String? = nil,
        at keyPath:
            @autoclosure @escaping @Sendable () -> WritableKeyPath<
                TproxyConfig, Setting<[Setting<Item>]>
            >,
        of format: ValueFormat<Item>, splitting: Splitting, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, environmentSuffix: environment, flag: flag, summary: summary,
            format: "list of: \(format.words); in one text separated by `\(splitting.separator)`",
            schema: .either([
                .list(format.schema), .text(pattern: nil), .integer(0...4_294_967_294),
            ]),
            makeDefaultText: { "[]" }, isInFiles: true, isList: true,
            decode: { node, config, diagnostics in
                var items: [Setting<Item>] = []
                let problems = diagnostics.count
                let texts = scalars(of: node, path, expected: format.words, &diagnostics)
                items.reserveCapacity(texts.count)
                for scalar in texts {
                    guard case .scalar(let text) = scalar.content else { continue }
                    let whole = Piece(text)
                    // The common case, which allocates no array.
                    if whole.isOneItem {
                        add(
                            whole, of: whole, from: scalar.origin, path, format, to: &items,
                            &diagnostics)
                        continue
                    }
                    for piece in pieces(of: whole, splitting, format) {
                        add(
                            piece, of: whole, from: scalar.origin, path, format, to: &items,
                            &diagnostics)
                    }
                }
                if diagnostics.count == problems {
                    config[keyPath: keyPath()] = Setting(items, from: node.origin)
                }
            },
            rows: { config, limit in
                let setting = config[keyPath: keyPath()]
                guard let last = setting.value.last else {
                    return [Row(path: path, value: "[]", origin: setting.origin)]
                }
                let rows = setting.value.prefix(limit).enumerated().map { index, item in
                    Row(
                        path: "\(path)[\(index)]", value: format.text(item.value),
                        origin: item.origin)
                }
                let rest = setting.value.count - rows.count
                guard rest > 0 else { return rows }
                return rows + [Row(path: path, value: "and \(rest) more", origin: last.origin)]
            },
            yaml: { config in
                let items = config[keyPath: keyPath()].value.map { quoted(format.text($0.value)) }
                return "[\(items.joined(separator: ", "))]"
            })
    }

    private static func add<Item>(
        _ piece: Piece, of whole: Piece, from origin: Origin, _ path: String,
        _ format: ValueFormat<Item>,
        to items: inout [Setting<Item>], _ diagnostics: inout [Diagnostic]
    ) {
        guard !piece.text.isEmpty else {
            diagnostics.append(ValueProblem.emptyItem(piece).diagnostic(of: path, at: origin))
            return
        }
        switch format.parse(piece) {
        case .success(let value):
            // The origin of the node covers its whole text.
            let place =
                piece.text.utf8.count == whole.text.utf8.count
                ? origin
                : origin.narrowed(offset: piece.offset, length: piece.text.characterCount)
            items.append(Setting(value, from: place))
        case .failure(let problem):
            diagnostics.append(problem.diagnostic(of: path, at: origin))
        }
    }

    /// Returns the nodes whose text is to be split: the node itself, or its items.
    private static func scalars(
        of node: RawNode, _ path: String, expected: String, _ diagnostics: inout [Diagnostic]
    ) -> [RawNode] {
        switch node.content {
        case .scalar: return [node]
        case .list(let items):
            for item in items {
                if case .scalar = item.content { continue }
                diagnostics.append(
                    .wrongKind(
                        "an item of \(path)", item.kind, expected: expected, at: item.origin))
            }
            return items
        case .null, .mapping:
            diagnostics.append(
                .wrongKind(path, node.kind, expected: "a list of: \(expected)", at: node.origin))
            return []
        }
    }

    /// Splits a text into items.
    ///
    /// Kuma splits the environment at commas only. A text between two semicolons that is no item as
    /// a whole, but whose comma-separated parts are, is split at the commas.
    private static func pieces<Item>(
        of whole: Piece, _ splitting: Splitting, _ format: ValueFormat<Item>
    ) -> [Piece] {
        switch splitting {
        case .commas: return whole.split(on: splitting.separator)
        case .semicolons:
            return whole.split(on: splitting.separator).flatMap { piece -> [Piece] in
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
