/// Lists the value and the origin of every key of a configuration.
package struct EffectiveConfiguration: Sendable {
    private let config: TproxyConfig

    package init(_ config: TproxyConfig) {
        self.config = config
    }

    /// All values, in the order of the documentation; a list has one row for each item.
    package var rows: [ConfigurationKey.Row] {
        rows(itemLimit: .max)
    }

    /// Returns all values, with at most `itemLimit` items of each list.
    ///
    /// `itemLimit` must be at least 1. A longer list ends with a row that counts the items left
    /// out.
    package func rows(itemLimit: Int) -> [ConfigurationKey.Row] {
        ConfigurationKey.all.flatMap { $0.rows(config, itemLimit) }
    }

    /// Returns the rows whose value isn't the default, with at most `itemLimit` items of each list.
    package func changedRows(itemLimit: Int) -> [ConfigurationKey.Row] {
        rows(itemLimit: itemLimit).filter { $0.origin != .builtIn }
    }

    /// Returns the origin of the value at a path such as `redirect.outbound.excludePorts[3]`.
    package func origin(of path: String) -> Origin? {
        let name = path.prefix { $0 != "[" }
        guard let key = ConfigurationKey.named(String(name)) else { return nil }
        guard let index = Int(path.dropFirst(name.count + 1).dropLast()), index >= 0 else {
            return key.rows(config, 1).first?.origin
        }
        let rows = key.rows(config, index + 1)
        return (rows.first { $0.path == path } ?? rows.first)?.origin
    }

    /// A YAML file that sets the same configuration, except for the chain names.
    package var yaml: String { yaml(of: ConfigurationKey.all.filter(\.isInFiles)) }

    /// The same without the keys that have their default value.
    package var changedYAML: String {
        let defaults = TproxyConfig()
        return yaml(
            of: ConfigurationKey.all.filter {
                $0.isInFiles && $0.yaml(config) != $0.yaml(defaults)
            })
    }

    private func yaml(of keys: [ConfigurationKey]) -> String {
        var lines: [String] = []
        var open: [Substring] = []
        for key in keys.sorted(by: Self.groupedBefore) {
            let parts = key.path.split(separator: ".")
            let groups = Array(parts.dropLast())
            let shared = zip(open, groups).prefix { $0 == $1 }.count
            for depth in shared..<groups.count {
                lines.append(String(repeating: "  ", count: depth) + "\(groups[depth]):")
            }
            open = groups
            let indent = String(repeating: "  ", count: groups.count)
            lines.append("\(indent)\(parts[parts.count - 1]): \(key.yaml(config))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Orders keys so that those of one group are adjacent.
    private static func groupedBefore(_ left: ConfigurationKey, _ right: ConfigurationKey) -> Bool {
        let groups = [left, right].map { $0.path.split(separator: ".").dropLast() }
        return groups[0].lexicographicallyPrecedes(groups[1])
    }
}

/// Maps the path of each value of a configuration to its origin, for many lookups.
package struct OriginIndex: Sendable {
    private var origins: [String: Origin] = [:]

    package init(_ configuration: EffectiveConfiguration) {
        for row in configuration.rows {
            origins[row.path] = row.origin
            // A list as a whole has the origin of its first item.
            let key = Self.key(of: row.path)
            if origins[key] == nil { origins[key] = row.origin }
        }
    }

    /// Returns the origin of the value at a path such as `redirect.outbound.excludePorts[3]`.
    package func origin(of path: String) -> Origin? {
        origins[path] ?? origins[Self.key(of: path)]
    }

    private static func key(of path: String) -> String { String(path.prefix { $0 != "[" }) }
}
