package import JSON

/// Our entry in a network's list of plugins.
package struct PluginEntry: Hashable, Sendable {
    /// The name of the plugin's file, and its `type`.
    package static let type = "tproxy-cni"

    private let members: [String: JSONValue]

    /// Creates an entry; `options` are the plugin's own keys.
    package init(options: [String: JSONValue]) {
        members = options.merging([
            "type": .string(Self.type),
            "capabilities": [
                "cgroupPath": .bool(true), "io.kubernetes.cri.pod-annotations": .bool(true),
            ],
        ]) { $1 }
    }

    var json: JSONValue { .object(members) }

    /// The entry on one line.
    var text: String { json.text(.line) }

    /// The entry as a file of its own.
    package var file: [UInt8] { Array((text + "\n").utf8) }

    static func isOurs(_ plugin: JSONValue) -> Bool { plugin["type"]?.string == type }
}
