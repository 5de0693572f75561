/// What the configuration comes to, and where each value is from.
package struct EffectiveConfiguration: Sendable {
    private let config: TproxyConfig

    package init(_ config: TproxyConfig) {
        self.config = config
    }

    /// Every value in the order of the documentation; a list has a row for each item.
    package var rows: [ConfigurationKey.Row] {
        rows(itemLimit: .max)
    }

    /// Every value, with at most `itemLimit` items of a list, which must be 1 or more.
    ///
    /// A longer list ends in a row that says how many more there are.
    package func rows(itemLimit: Int) -> [ConfigurationKey.Row] {
        ConfigurationKey.all.flatMap { $0.rows(config, itemLimit) }
    }

    /// The rows that somebody set, with at most `itemLimit` items of a list.
    package func changedRows(itemLimit: Int) -> [ConfigurationKey.Row] {
        rows(itemLimit: itemLimit).filter { $0.origin != .builtIn }
    }

    /// Where the value of a path such as `redirect.outbound.excludePorts[3]` is from.
    package func origin(of path: String) -> Origin? {
        let name = path.prefix { $0 != "[" }
        guard let key = ConfigurationKey.named(String(name)) else { return nil }
        guard let index = Int(path.dropFirst(name.count + 1).dropLast()), index >= 0 else {
            return key.rows(config, 1).first?.origin
        }
        let rows = key.rows(config, index + 1)
        return (rows.first { $0.path == path } ?? rows.first)?.origin
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
