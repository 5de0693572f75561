/// Where each value of a configuration is from, made ready for many questions.
package struct OriginIndex: Sendable {
    private var origins: [String: Origin] = [:]

    package init(_ configuration: EffectiveConfiguration) {
        for row in configuration.rows {
            origins[row.path] = row.origin
            // A list as a whole is said to be where its first item is.
            let key = Self.key(of: row.path)
            if origins[key] == nil { origins[key] = row.origin }
        }
    }

    /// Where the value of a path such as `redirect.outbound.excludePorts[3]` is from.
    package func origin(of path: String) -> Origin? {
        origins[path] ?? origins[Self.key(of: path)]
    }

    private static func key(of path: String) -> String { String(path.prefix { $0 != "[" }) }
}
