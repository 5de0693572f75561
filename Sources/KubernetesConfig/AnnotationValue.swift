import Diagnostics
import TproxyConfig

/// Readings of annotations whose values have a format of Kubernetes' own.
enum AnnotationValue {
    /// Reads a switch as Kuma does: `enabled`, `true` or `yes`, and their opposites.
    static func toggle(_ text: String) -> Bool? {
        switch text {
        case "enabled", "true", "yes": true
        case "disabled", "false", "no": false
        case _: nil
        }
    }

    /// Reads a port, or 0.
    static func portOrZero(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text), (0...65535).contains(number)
        else { return nil }
        return number
    }

    /// Returns a document that sets the key at `path`, such as `redirect.inbound.port`.
    static func document(setting path: String, to node: RawNode) -> RawDocument {
        var parts = path.split(separator: ".").map(String.init)
        var value = node
        while parts.count > 1 {
            let entry = RawNode.Entry(
                key: parts.removeLast(), keyOrigin: node.origin, value: value)
            value = RawNode(.mapping([entry]), from: node.origin)
        }
        return RawDocument(
            entries: parts.map { RawNode.Entry(key: $0, keyOrigin: node.origin, value: value) })
    }

    /// Returns the items `tcp:ports:uids` of a text `ports:uids;…`.
    static func owners(_ text: String, _ transport: String, from origin: Origin) -> RawNode {
        let items = text.split(separator: ";", omittingEmptySubsequences: false).map { item in
            let prefix = item.utf8.contains(UInt8(ascii: ":")) ? "\(transport):" : "\(transport):*:"
            return RawNode(.scalar(prefix + item), from: origin)
        }
        return RawNode(.list(items), from: origin)
    }
}
