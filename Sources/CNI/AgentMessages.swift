import JSON

/// What the plugin asks the node agent for a pod: one line of JSON.
package struct AgentQuestion: Hashable, Sendable {
    /// The maximum size of a question in bytes; names of Kubernetes have at most 253.
    package static let limit = 4096
    /// Where the agent listens by default.
    package static let defaultSocket = "/run/tproxy/agent.sock"

    package var namespace: String
    package var name: String
    /// Tells a pod from a former one of the same name; empty if the runtime doesn't pass it.
    package var uid: String

    package init(namespace: String, name: String, uid: String) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    /// Reads a question; nil if it is malformed.
    package init?(_ text: String) {
        guard let json = try? JSONValue(parsing: text),
            let namespace = json["namespace"]?.string, let name = json["name"]?.string,
            Self.isName(namespace), Self.isName(name)
        else { return nil }
        self.init(namespace: namespace, name: name, uid: json["uid"]?.string ?? "")
    }

    package var line: [UInt8] {
        let json: JSONValue = [
            "namespace": .string(namespace), "name": .string(name), "uid": .string(uid),
        ]
        return json.bytes(.line) + [0x0A]
    }

    /// Whether a text is a name of Kubernetes, which can be part of a URL.
    private static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && isCNIName(text) && text != "." && text != ".."
    }
}

/// The agent's answer: one line of JSON.
package enum AgentAnswer: Hashable, Sendable {
    /// The maximum size of an answer in bytes; a pod's annotations have at most 256 KiB.
    package static let limit = 4 << 20

    case annotations([String: String])
    case failure(String)

    /// Reads an answer; nil if it is malformed.
    package init?(_ text: String) {
        guard let json = try? JSONValue(parsing: text) else { return nil }
        if let failure = json["error"]?.string {
            self = .failure(failure)
        } else if let members = json["annotations"]?.object {
            let texts = members.compactMapValues(\.string)
            guard texts.count == members.count else { return nil }
            self = .annotations(texts)
        } else {
            return nil
        }
    }

    package var line: [UInt8] {
        let json: JSONValue =
            switch self {
            case .annotations(let annotations):
                ["annotations": .object(annotations.mapValues { .string($0) })]
            case .failure(let failure): ["error": .string(failure)]
            }
        return json.bytes(.line) + [0x0A]
    }
}
