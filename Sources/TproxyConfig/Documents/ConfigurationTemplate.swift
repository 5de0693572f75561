/// Writes a configuration file in which every key is a comment with its default value.
///
/// The groups aren't comments, so that to set a key is to uncomment one line.
package enum ConfigurationTemplate {
    /// The file as YAML, which sets nothing.
    package static var yaml: String {
        var lines = introduction
        append(below: "", depth: 0, to: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    private static let introduction = [
        "# Configuration of tproxy, in the format of Kuma's transparent proxy.",
        "#",
        "# Each key is a comment with its default value. To set a key, remove the '#' before its name.",
        "# 'tproxy config check' reports problems, and 'tproxy plan' shows the rules.",
    ]

    /// Appends the keys and then the groups of a group; "" is the top level.
    private static func append(below group: String, depth: Int, to lines: inout [String]) {
        let indent = String(repeating: "  ", count: depth)
        let paths = KeyWalk.children(of: group).map { group.isEmpty ? $0 : "\(group).\($0)" }
        let keys = paths.compactMap(ConfigurationKey.named)
        for key in keys {
            lines += [
                "", "\(indent)# \(key.summary)", "\(indent)# Value: \(key.format)",
                "\(indent)#\(name(of: key.path)): \(value(of: key))",
            ]
        }
        for path in paths where ConfigurationKey.named(path) == nil {
            lines += ["", "\(indent)\(name(of: path)):"]
            append(below: path, depth: depth + 1, to: &lines)
        }
    }

    /// The default value; only texts need quotes.
    private static func value(of key: ConfigurationKey) -> String {
        switch key.schema {
        case .boolean, .integer: key.defaultText
        case .text, .choice, .list, .either, .mapping: key.yaml(TproxyConfig())
        }
    }

    private static func name(of path: String) -> Substring {
        path[(path.lastIndex(of: ".").map { path.index(after: $0) } ?? path.startIndex)...]
    }
}
