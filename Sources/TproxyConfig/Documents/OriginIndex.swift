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
