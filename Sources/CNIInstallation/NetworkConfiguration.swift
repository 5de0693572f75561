import JSON

/// The file of a CNI network: a list of plugins (`.conflist`), or one plugin (`.conf`).
///
/// It is edited as text: only our entry is added or removed, and every other byte stays.
package struct NetworkConfiguration {
    package enum Form: Sendable {
        case list
        case plugin
    }

    package let form: Form
    package let name: String
    /// The version of the specification, as the file has it.
    package let version: String
    /// Whether the runtime must not add drop-in files to the network (`loadOnlyInlinedPlugins`).
    package let refusesDropIns: Bool
    private let places: JSONPlaces
    /// The plugins of a list, in their order.
    private let plugins: [Plugin]

    private struct Plugin {
        var place: Range<Int>
        var json: JSONValue
        var isOurs: Bool
    }

    package init(_ bytes: [UInt8], _ form: Form) throws(NetworkConfigurationProblem) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        let json: JSONValue
        do throws(JSONProblem) {
            json = try JSONValue(parsing: text)
            // The list around a plugin has two levels more.
            if form == .plugin { _ = try JSONValue(parsing: "[[\(text)]]") }
        } catch {
            throw .notJSON(error.reason)
        }
        guard case .object = json else { throw .notObject }
        self.form = form
        name = json["name"]?.string ?? ""
        version = json["cniVersion"]?.string ?? ""
        refusesDropIns = json["loadOnlyInlinedPlugins"] == .bool(true)
        places = JSONPlaces(bytes: bytes)
        guard form == .list else {
            guard json["plugins"] == nil, json["type"]?.string != nil, !PluginEntry.isOurs(json)
            else { throw .noPlugin }
            plugins = []
            return
        }
        let lists = places.members(from: 0).filter { $0.name == "plugins" }
        guard let list = lists.first, case .array(let items) = json["plugins"] else {
            throw .noPlugin
        }
        let ranges = places.items(from: list.value.lowerBound)
        guard lists.count == 1, ranges.count == items.count else { throw .ambiguous }
        plugins = zip(ranges, items).map {
            Plugin(place: $0, json: $1, isOurs: PluginEntry.isOurs($1))
        }
        guard plugins.contains(where: { !$0.isOurs }) else { throw .noPlugin }
    }

    package var bytes: [UInt8] { places.bytes }

    package var hasEntry: Bool { plugins.contains(where: \.isOurs) }

    /// Returns the list with `entry` behind the other plugins, once.
    ///
    /// An entry of ours behind another plugin keeps its place.
    package func adding(_ entry: PluginEntry) -> [UInt8] {
        let first = plugins.firstIndex { !$0.isOurs } ?? 0
        let kept = plugins.indices.first { $0 > first && plugins[$0].isOurs }
        guard let kept else { return Self.appending(entry, to: removing()) }
        return removing(except: kept, as: entry)
    }

    /// Returns the list without any entry of ours.
    package func removing() -> [UInt8] { removing(except: nil, as: nil) }

    /// Returns the list without entries of ours but the one at the index `kept`, which becomes
    /// `entry`.
    private func removing(except kept: Int?, as entry: PluginEntry?) -> [UInt8] {
        let first = plugins.firstIndex { !$0.isOurs } ?? 0
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var next = 0
        for index in plugins.indices where plugins[index].isOurs {
            let place: Range<Int>
            if index == kept {
                guard let entry, plugins[index].json != entry.json else { continue }
                place = plugins[index].place
            } else if index < first {
                // Without another plugin before it, the comma to remove is the one behind it.
                place = plugins[index].place.lowerBound..<plugins[index + 1].place.lowerBound
            } else {
                place = plugins[index - 1].place.upperBound..<plugins[index].place.upperBound
            }
            result += bytes[next..<place.lowerBound]
            if index == kept, let entry { result += Array(entry.text.utf8) }
            next = place.upperBound
        }
        return result + bytes[next...]
    }

    /// Returns a list with `entry` behind its last plugin, in the layout of the others.
    private static func appending(_ entry: PluginEntry, to bytes: [UInt8]) -> [UInt8] {
        let places = JSONPlaces(bytes: bytes)
        guard let list = places.members(from: 0).first(where: { $0.name == "plugins" }) else {
            return bytes
        }
        let items = places.items(from: list.value.lowerBound)
        guard let last = items.last else { return bytes }
        // With one plugin, the space before it is that before an item.
        let separator =
            items.count > 1
            ? Array(bytes[items[items.count - 2].upperBound..<last.lowerBound])
            : [UInt8(ascii: ",")] + bytes[(list.value.lowerBound + 1)..<last.lowerBound]
        var result = bytes
        result.insert(contentsOf: separator + Array(entry.text.utf8), at: last.upperBound)
        return result
    }

    /// Returns a list that holds this single plugin, byte for byte, and `entry`.
    package func wrapped(with entry: PluginEntry) -> [UInt8] {
        var text = Array("{\n  \"cniVersion\": ".utf8)
        text.append(.string(version))
        text.append(verbatim: ",\n  \"name\": ")
        text.append(.string(name))
        text.append(verbatim: ",\n  \"plugins\": [\n")
        text += bytes
        text.append(verbatim: ",\n")
        text += Array(entry.text.utf8)
        text.append(verbatim: "\n  ]\n}\n")
        return text
    }
}

/// The reason why a network's file can't have our entry.
package enum NetworkConfigurationProblem: Error, Hashable, Sendable {
    case notText
    case notJSON(String)
    case notObject
    /// There is no plugin that creates the interface.
    case noPlugin
    /// Two members are called `plugins`.
    case ambiguous

    package var reason: String {
        switch self {
        case .notText: "it is not UTF-8 text"
        case .notJSON(let reason): "it is not JSON: \(reason)"
        case .notObject: "it is not a JSON object"
        case .noPlugin: "it has no plugin that creates the pod's interface"
        case .ambiguous: "it has several lists called 'plugins'"
        }
    }
}
