import Diagnostics

extension ConfigurationKey {
    /// Returns a key with a single value.
    ///
    /// The key path is created on first use: creating those of all keys takes longer than reading a
    /// short configuration.
    static func scalar<Value: Hashable & Sendable>(
        _ path: String, _ environment: String, flag: String? = nil,
        at keyPath:
            @autoclosure @escaping @Sendable () -> WritableKeyPath<TproxyConfig, Setting<Value>>,
        as format: ValueFormat<Value>, isInFiles: Bool = true, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, environmentSuffix: environment, flag: flag, summary: summary,
            format: format.words, schema: format.schema,
            makeDefaultText: { format.text(TproxyConfig()[keyPath: keyPath()].value) },
            isInFiles: isInFiles, isList: false,
            decode: { node, config, diagnostics in
                let text: String
                switch node.content {
                case .scalar(let written): text = written
                // As in Kuma, a key without a value has the empty value.
                case .null where format.allowsEmpty: text = ""
                case .null, .list, .mapping:
                    diagnostics.append(
                        .wrongKind(path, node.kind, expected: format.words, at: node.origin))
                    return
                }
                let piece = Piece(text).trimmed
                if piece.text.isEmpty, !format.allowsEmpty {
                    diagnostics.append(
                        ValueProblem.emptyItem(piece).diagnostic(of: path, at: node.origin))
                    return
                }
                switch format.parse(piece) {
                case .success(let value):
                    config[keyPath: keyPath()] = Setting(value, from: node.origin)
                case .failure(let problem):
                    diagnostics.append(problem.diagnostic(of: path, at: node.origin))
                }
            },
            rows: { config, _ in
                let setting = config[keyPath: keyPath()]
                return [Row(path: path, value: format.text(setting.value), origin: setting.origin)]
            },
            yaml: { quoted(format.text($0[keyPath: keyPath()].value)) })
    }

    /// Returns `text` as a double-quoted string of both YAML and JSON.
    ///
    /// YAML treats some characters beyond ASCII as line ends and forbids others; all invisible
    /// characters are escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value <= 0xFFFF && VisibleText.isHidden(scalar):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            case _: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
