import Diagnostics

/// Finds the keys of the schema in a file; like Kuma, it ignores letter case.
struct KeyWalk {
    let allowUnknownKeys: Bool

    func walk(
        _ entries: [RawNode.Entry], below parent: String = "",
        _ found: inout [(key: ConfigurationKey, node: RawNode)],
        _ diagnostics: inout [Diagnostic]
    ) {
        var seen: Set<String> = []
        for entry in entries {
            let path = parent.isEmpty ? entry.key : "\(parent).\(entry.key)"
            let folded = path.lowercased()
            guard seen.insert(folded).inserted else {
                diagnostics.append(.repeatedKey(path, at: entry.keyOrigin))
                continue
            }
            if let key = Self.keys[folded] {
                if key.isInFiles {
                    found.append((key, entry.value))
                } else {
                    diagnostics.append(
                        .environmentOnly(
                            path, variable: key.environmentVariable, at: entry.keyOrigin))
                }
            } else if let group = Self.groups[folded] {
                walkGroup(group, entry.value, &found, &diagnostics)
            } else {
                // A diagnostic beyond the number shown needs no suggestion.
                let isShown = diagnostics.count < Diagnostic.shownAtOnce
                diagnostics.append(
                    .unknownKey(
                        path, at: entry.keyOrigin,
                        near: isShown ? Self.near(entry.key, below: parent) : nil,
                        isAllowed: allowUnknownKeys))
            }
        }
    }

    private func walkGroup(
        _ group: String, _ node: RawNode,
        _ found: inout [(key: ConfigurationKey, node: RawNode)],
        _ diagnostics: inout [Diagnostic]
    ) {
        switch node.content {
        case .mapping(let entries): walk(entries, below: group, &found, &diagnostics)
        // An empty group sets nothing.
        case .null: break
        case .scalar, .list:
            diagnostics.append(
                .wrongKind(
                    group, node.kind,
                    expected: "a mapping with \(Self.children(of: group).joined(separator: ", "))",
                    at: node.origin))
        }
    }

    /// The keys, by lowercase path.
    private static let keys = Dictionary(
        uniqueKeysWithValues: ConfigurationKey.all.map { ($0.path.lowercased(), $0) })

    /// The paths of groups of keys, such as `redirect.inbound`, by lowercase path.
    private static let groups: [String: String] = {
        var groups: [String: String] = [:]
        for key in ConfigurationKey.all {
            var path = key.path[...]
            while let dot = path.lastIndex(of: ".") {
                path = path[..<dot]
                groups[path.lowercased()] = String(path)
            }
        }
        return groups
    }()

    /// Returns the names directly below a group; "" is the top level.
    static func children(of group: String) -> [String] {
        let prefix = group.isEmpty ? "" : group + "."
        var names: [String] = []
        for key in ConfigurationKey.all where key.isInFiles && key.path.hasPrefix(prefix) {
            let name = String(key.path.dropFirst(prefix.count).prefix { $0 != "." })
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Returns the likely intended name: one of the same group, or the path of a key with that
    /// name.
    private static func near(_ name: String, below parent: String) -> String? {
        if let sibling = nearestName(to: name, among: children(of: parent)) {
            return parent.isEmpty ? sibling : "\(parent).\(sibling)"
        }
        return ConfigurationKey.all.first { key in
            key.isInFiles
                && key.path.split(separator: ".").contains { $0.lowercased() == name.lowercased() }
        }?.path
    }
}
