package import Diagnostics
package import TproxyConfig

/// A Dataplane resource of Kuma, as far as it concerns redirection.
package struct DataplaneResource: Sendable {
    /// The settings of the resource as a configuration, whose places are those in the resource.
    package let configuration: RawDocument
    package let warnings: [Diagnostic]

    /// Parses a resource in the form of Universal (`type: Dataplane`) or of Kubernetes
    /// (`kind: Dataplane`).
    ///
    /// It may be a template of kuma-dp: `{{ name }}` stands for any value.
    package static func parse(
        text: String, source: String, allowUnknownKeys: Bool
    ) -> Result<DataplaneResource, YAMLDocument.Problem> {
        YAMLDocument.parseDocument(text: withoutVariables(text), source: source).flatMap {
            document in
            var reader = DataplaneReader(allowUnknownKeys: allowUnknownKeys)
            reader.read(document, source: source)
            let errors = reader.diagnostics.filter { $0.severity == .error }
            guard errors.isEmpty else {
                return .failure(YAMLDocument.Problem(diagnostics: errors))
            }
            return .success(
                DataplaneResource(
                    configuration: RawDocument(entries: reader.entries),
                    warnings: reader.diagnostics))
        }
    }

    /// Returns the text with the braces of variables replaced, which YAML would read as mappings.
    ///
    /// Every other byte stays at its place.
    private static func withoutVariables(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var start = 0
        while start + 1 < bytes.count {
            guard bytes[start] == UInt8(ascii: "{"), bytes[start + 1] == UInt8(ascii: "{"),
                let end = bytes[(start + 2)...].firstIndex(where: { !isOfVariable($0) }),
                end + 1 < bytes.count, bytes[end] == UInt8(ascii: "}"),
                bytes[end + 1] == UInt8(ascii: "}")
            else {
                start += 1
                continue
            }
            for index in [start, start + 1, end, end + 1] { bytes[index] = UInt8(ascii: "_") }
            start = end + 2
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a byte may stand between the braces of a variable, which is a name.
    private static func isOfVariable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: " "):
            true
        case _: false
        }
    }
}

/// Reads `networking.transparentProxying` of a resource.
private struct DataplaneReader {
    private static let section = "networking.transparentProxying"
    private static let known = [
        "redirectPortInbound", "redirectPortOutbound", "ipFamilyMode", "directAccessServices",
        "reachableServices", "reachableBackends", "redirectPortInboundV6",
    ]

    private let allowUnknownKeys: Bool
    private(set) var entries: [RawNode.Entry] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(allowUnknownKeys: Bool) {
        self.allowUnknownKeys = allowUnknownKeys
    }

    mutating func read(_ document: RawDocument, source: String) {
        let kind = ["type", "kind"].lazy.compactMap { Self.scalar($0, in: document.entries) }.first
        guard let kind, kind.text == "Dataplane" else {
            diagnostics.append(.notADataplane(kind?.text, source, at: kind?.origin))
            return
        }
        let isKubernetes = Self.value("apiVersion", in: document.entries) != nil
        var found = document.entries
        for key in (isKubernetes ? ["spec"] : []) + ["networking", "transparentProxying"] {
            guard let next = Self.value(key, in: found) else {
                diagnostics.append(.noProxying(Self.section, source))
                return
            }
            guard case .mapping(let entries) = next.content else {
                diagnostics.append(.noMapping(key, at: next.origin))
                return
            }
            found = entries
        }
        for entry in found { read(entry) }
    }

    private mutating func read(_ entry: RawNode.Entry) {
        switch entry.key {
        case "redirectPortInbound": add(["redirect", "inbound", "port"], entry.value)
        case "redirectPortOutbound": add(["redirect", "outbound", "port"], entry.value)
        case "ipFamilyMode": readFamilyMode(entry.value)
        // These concern the proxy's own configuration.
        case "directAccessServices", "reachableServices", "reachableBackends": break
        case "redirectPortInboundV6":
            diagnostics.append(.deprecatedPort(entry.key, at: entry.keyOrigin))
        case _:
            diagnostics.append(
                .unknownProxyingKey(
                    entry.key, at: entry.keyOrigin,
                    near: nearestName(to: entry.key, among: Self.known),
                    isAllowed: allowUnknownKeys))
        }
    }

    /// The resource has the names and the numbers of Kuma's protocol; the configuration has words.
    private mutating func readFamilyMode(_ node: RawNode) {
        guard case .scalar(let text) = node.content else {
            return add(["ipFamilyMode"], node)
        }
        switch text.lowercased() {
        case "unspecified", "0": break
        case "dualstack", "1":
            add(["ipFamilyMode"], RawNode(.scalar("dualstack"), from: node.origin))
        case "ipv4", "2": add(["ipFamilyMode"], RawNode(.scalar("ipv4"), from: node.origin))
        case _: add(["ipFamilyMode"], node)
        }
    }

    /// Adds a setting; each top-level key of the configuration stands once.
    private mutating func add(_ path: [String], _ value: RawNode) {
        entries = Self.adding(path[...], value, to: entries)
    }

    private static func adding(
        _ path: ArraySlice<String>, _ value: RawNode, to entries: [RawNode.Entry]
    ) -> [RawNode.Entry] {
        guard let first = path.first else { return entries }
        var entries = entries
        let rest = path.dropFirst()
        let index = entries.firstIndex { $0.key == first }
        var below: [RawNode.Entry] = []
        if let index, case .mapping(let found) = entries[index].value.content { below = found }
        let node =
            rest.isEmpty
            ? value : RawNode(.mapping(adding(rest, value, to: below)), from: value.origin)
        let entry = RawNode.Entry(key: first, keyOrigin: value.origin, value: node)
        if let index { entries[index] = entry } else { entries.append(entry) }
        return entries
    }

    private static func value(_ key: String, in entries: [RawNode.Entry]) -> RawNode? {
        entries.first { $0.key == key }?.value
    }

    private static func scalar(
        _ key: String, in entries: [RawNode.Entry]
    ) -> (text: String, origin: Origin)? {
        guard let node = value(key, in: entries), case .scalar(let text) = node.content else {
            return nil
        }
        return (text, node.origin)
    }
}

extension Diagnostic {
    fileprivate static func notADataplane(
        _ kind: String?, _ source: String, at origin: Origin?
    ) -> Diagnostic {
        .error(
            id: "not-a-dataplane",
            kind.map { "'\(source)' holds a resource of type '\($0)', not a Dataplane" }
                ?? "'\(source)' holds no Dataplane: it has neither 'type' nor 'kind'",
            at: origin?.location,
            help: "give a Dataplane resource of Kuma; a configuration is for --config")
    }

    fileprivate static func noProxying(_ section: String, _ source: String) -> Diagnostic {
        .warning(
            id: "no-transparent-proxying", "the Dataplane in '\(source)' has no \(section)",
            notes: ["before Kuma 3.0, its proxy doesn't accept redirected connections"],
            help: "add the lines that 'tproxy dataplane show' prints")
    }

    fileprivate static func noMapping(_ key: String, at origin: Origin) -> Diagnostic {
        .error(
            id: "wrong-kind", "'\(key)' of the Dataplane is not a mapping", at: origin.location,
            help: "see what 'tproxy dataplane show' prints")
    }

    fileprivate static func deprecatedPort(_ key: String, at origin: Origin) -> Diagnostic {
        .warning(
            id: "deprecated-key", "\(key) has no effect: redirectPortInbound serves both families",
            at: origin.location, help: "leave it out; to redirect IPv4 alone, set ipFamilyMode")
    }

    fileprivate static func unknownProxyingKey(
        _ key: String, at origin: Origin, near: String?, isAllowed: Bool
    ) -> Diagnostic {
        Diagnostic(
            isAllowed ? .warning : .error, id: "unknown-key",
            "unknown key '\(key)' of transparentProxying", at: origin.location,
            help: near.map { "did you mean '\($0)'?" } ?? "remove it, or pass --allow-unknown-keys")
    }
}
