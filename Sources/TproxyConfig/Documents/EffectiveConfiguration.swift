/// What the configuration comes to, and where each value is from.
package struct EffectiveConfiguration: Sendable {
    private let config: TproxyConfig

    package init(_ config: TproxyConfig) {
        self.config = config
    }

    /// Every value in the order of the documentation; a list has a row for each item.
    package var rows: [ConfigurationKey.Row] {
        ConfigurationKey.all.flatMap { $0.rows(config) }
    }

    /// Every value, with at most `itemLimit` items of a list.
    ///
    /// A longer list ends in a row that says how many more there are.
    package func rows(itemLimit: Int) -> [ConfigurationKey.Row] {
        ConfigurationKey.all.flatMap { Self.shortened($0.rows(config), of: $0, to: itemLimit) }
    }

    /// The rows that somebody set, with at most `itemLimit` items of a list.
    package func changedRows(itemLimit: Int) -> [ConfigurationKey.Row] {
        ConfigurationKey.all.flatMap { key in
            Self.shortened(
                key.rows(config).filter { $0.origin != .builtIn }, of: key, to: itemLimit)
        }
    }

    private static func shortened(
        _ rows: [ConfigurationKey.Row], of key: ConfigurationKey, to limit: Int
    ) -> [ConfigurationKey.Row] {
        guard rows.count > limit, let last = rows.last else { return rows }
        let rest = ConfigurationKey.Row(
            path: key.path, value: "and \(rows.count - limit) more", origin: last.origin)
        return rows.prefix(limit) + [rest]
    }

    /// Where the value of a path such as `redirect.outbound.excludePorts[3]` is from.
    package func origin(of path: String) -> Origin? {
        let name = String(path.prefix { $0 != "[" })
        let rows = ConfigurationKey.named(name)?.rows(config)
        return rows?.first { $0.path == path }?.origin ?? rows?.first?.origin
    }

    /// A file that gives the same configuration, the chain names aside.
    package var yaml: String {
        var lines: [String] = []
        var open: [Substring] = []
        for key in ConfigurationKey.all.filter(\.isInFiles).sorted(by: Self.groupedBefore) {
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

    /// Keys of one group stand together.
    private static func groupedBefore(_ left: ConfigurationKey, _ right: ConfigurationKey) -> Bool {
        let groups = [left, right].map { $0.path.split(separator: ".").dropLast() }
        return groups[0].lexicographicallyPrecedes(groups[1])
    }
}
