import Diagnostics

/// A key of the configuration, with everything that reads, writes and documents it.
///
/// `ConfigurationKey.all` drives the decoding of files, environment and flags, the reference, the
/// JSON Schema and the effective configuration.
package struct ConfigurationKey: Sendable {
    /// A value of the effective configuration.
    package struct Row: Hashable, Sendable {
        /// The path of the key, with `[index]` for an item of a list.
        package var path: String
        package var value: String
        package var origin: Origin
    }

    /// The prefix of all environment variables.
    package static let environmentPrefix = "KUMA_TRANSPARENT_PROXY_"

    /// The path of the key in a file, such as `redirect.inbound.port`.
    package let path: String
    let environmentSuffix: String
    /// The flag, such as `--redirect-inbound-port`; nil if Kuma has none for the key.
    package let flag: String?
    /// A description of the key, including the unit.
    package let summary: String
    /// A description of the values that are allowed.
    package let format: String
    package let schema: SchemaFragment
    /// The default, as a user would write it.
    package var defaultText: String { makeDefaultText() }
    let makeDefaultText: @Sendable () -> String
    /// Whether files may set the key; false for the chain names, which Kuma reads from the
    /// environment only.
    package let isInFiles: Bool
    package let isList: Bool

    let decode: @Sendable (RawNode, inout TproxyConfig, inout [Diagnostic]) -> Void
    /// Returns the values, with at most the given number of items of a list.
    ///
    /// A longer list ends with a row that counts the items left out.
    let rows: @Sendable (TproxyConfig, Int) -> [Row]
    /// Returns the value as YAML flow text that reads back as the same value.
    let yaml: @Sendable (TproxyConfig) -> String

    package var environmentVariable: String { Self.environmentPrefix + environmentSuffix }

    /// All keys, in the order of the documentation.
    package static let all: [ConfigurationKey] =
        generalKeys + inboundKeys + outboundKeys + dnsKeys + installationKeys + ebpfKeys

    package static func named(_ path: String) -> ConfigurationKey? {
        all.first { $0.path == path }
    }
}

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
                    if let doubt = format.doubt(piece) {
                        diagnostics.append(
                            doubt.diagnostic(of: path, at: node.origin, .warning))
                    }
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
    package static func quoted(_ text: String) -> String {
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
