import CNIInstallation
import JSON

extension FuzzTarget {
    /// A network's configuration, to which the node agent adds the plugin: a list, or one plugin.
    static let networkList = FuzzTarget(name: "network-list") { bytes in
        let entry = PluginEntry(options: ["excludeNamespaces": ["kube-system"]])
        let newer = PluginEntry(options: ["excludeNamespaces": ["a", "b"], "agent": "c/d"])
        if let list = try read(bytes, .list) {
            try checkList(list, entry, newer)
        }
        if let plugin = try read(bytes, .plugin) {
            let wrapped = plugin.wrapped(with: entry)
            guard let list = try read(wrapped, .list) else {
                throw BrokenPromise("a wrapped plugin is not a list")
            }
            try promise(contains(wrapped, bytes), "a wrapped plugin has lost bytes")
            let members = try object(bytes)
            try promise(
                try plugins(wrapped) == [.object(members), try value(entry.file)],
                "a wrapped plugin is not followed by the entry")
            try promise(
                list.name == plugin.name && list.version == plugin.version,
                "a wrapped plugin has another name or version")
            try promise(list.adding(entry) == wrapped, "the entry is added to its own list")
        }
    }

    private static func checkList(
        _ list: NetworkConfiguration, _ entry: PluginEntry, _ newer: PluginEntry
    ) throws {
        let removed = list.removing()
        let added = list.adding(entry)
        if !list.hasEntry {
            try promise(removed == list.bytes, "removing nothing changes bytes")
        }
        guard let again = try read(added, .list) else {
            throw BrokenPromise("the list with the entry is not a list")
        }
        try promise(again.hasEntry, "the entry is missing")
        try promise(again.adding(entry) == added, "adding twice differs from once")
        try promise(again.removing() == removed, "removing doesn't restore the bytes")
        guard let renewed = try read(again.adding(newer), .list) else {
            throw BrokenPromise("the list with a newer entry is not a list")
        }
        try promise(renewed.adding(entry) == added, "a newer entry has changed other bytes")
        guard let bare = try read(removed, .list) else {
            throw BrokenPromise("the list without the entry is not a list")
        }
        try promise(!bare.hasEntry, "an entry is left")
        // What a runtime reads: the others' plugins in their order, and the entry once.
        let others = try plugins(list.bytes).filter { $0["type"]?.string != PluginEntry.type }
        try promise(try plugins(removed) == others, "another plugin has changed")
        let found = try plugins(added)
        try promise(
            found.filter { $0["type"]?.string != PluginEntry.type } == others,
            "another plugin has changed beside the entry")
        try promise(
            found.count == others.count + 1 && found.first == others.first,
            "the entry is not once behind the first plugin")
        var (before, after) = (try object(list.bytes), try object(added))
        before["plugins"] = nil
        after["plugins"] = nil
        try promise(before == after, "another member has changed")
    }

    private static func read(
        _ bytes: [UInt8], _ form: NetworkConfiguration.Form
    ) throws -> NetworkConfiguration? {
        let read: NetworkConfiguration
        do throws(NetworkConfigurationProblem) {
            read = try NetworkConfiguration(bytes, form)
        } catch {
            try promise(!error.reason.isEmpty, "refused without a reason")
            return nil
        }
        try promise(read.bytes == bytes, "reading changes bytes")
        return read
    }

    private static func value(_ bytes: [UInt8]) throws -> JSONValue {
        try JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
    }

    private static func object(_ bytes: [UInt8]) throws -> [String: JSONValue] {
        try value(bytes).object ?? [:]
    }

    private static func plugins(_ bytes: [UInt8]) throws -> [JSONValue] {
        try object(bytes)["plugins"]?.array ?? []
    }

    private static func contains(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
        whole.indices.contains { whole[$0...].starts(with: part) }
    }
}
