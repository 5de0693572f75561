import Diagnostics
import TproxyConfig

/// A Kubernetes object in place of a configuration, such as the ConfigMap of Kuma's Helm chart.
struct KubernetesManifest {
    /// The key of a ConfigMap's data that holds the configuration.
    private static let key = "config.yaml"

    private let kind: String
    private let kindOrigin: Origin
    private let data: RawNode?

    /// Returns nil if a document isn't an object of Kubernetes.
    init?(_ document: RawDocument) {
        guard document.entries.contains(where: { $0.key == "apiVersion" }),
            let kind = document.entries.first(where: { $0.key == "kind" }),
            case .scalar(let name) = kind.value.content
        else { return nil }
        self.kind = name
        kindOrigin = kind.value.origin
        data = document.entries.first { $0.key == "data" }?.value
    }

    /// Returns the text of the configuration, named and placed as in the text of the manifest.
    func configuration(
        in text: String, _ source: String
    ) -> Result<(text: String, name: String), YAMLDocument.Problem> {
        guard kind == "ConfigMap" else {
            return .failure(YAMLDocument.Problem(diagnostics: [.otherObject(kind, at: kindOrigin)]))
        }
        guard case .mapping(let entries) = data?.content,
            let entry = entries.first(where: { $0.key == Self.key }),
            case .scalar(let inner) = entry.value.content
        else {
            let found: [String] =
                if case .mapping(let entries) = data?.content { entries.map(\.key) } else { [] }
            return .failure(
                YAMLDocument.Problem(diagnostics: [
                    .noConfiguration(in: found, Self.key, at: data?.origin ?? kindOrigin)
                ]))
        }
        if let placed = Self.placed(inner, at: entry.value.origin, in: text) {
            return .success((placed, source))
        }
        return .success((inner, "\(source), data.\(Self.key)"))
    }

    /// Returns the lines of a literal block (`|`) at their places, and nothing else of the manifest.
    ///
    /// The lines keep their indentation, so that places in this text are those in the manifest.
    /// Returns nil if the lines don't mean the same with indentation, or for another style.
    private static func placed(_ inner: String, at origin: Origin, in text: String) -> String? {
        guard let position = origin.location?.position else { return nil }
        let source = SourceText(text, name: "")
        let header = source.line(position.line).map { Array($0.unicodeScalars) } ?? []
        guard header.indices.contains(position.column - 1), header[position.column - 1] == "|"
        else { return nil }
        var lines = [String](repeating: "", count: position.line)
        for line in inner.split(separator: "\n", omittingEmptySubsequences: false) {
            // Markers of documents and directives begin a line.
            let isMarker = ["---", "...", "%"].contains { line.hasPrefix($0) }
            guard !isMarker else { return nil }
            guard let whole = source.line(lines.count + 1) else { break }
            // A trailing line is beyond the block, with its own indentation.
            guard whole.hasSuffix(line), whole.dropLast(line.count).allSatisfy({ $0 == " " }) else {
                guard line.isEmpty else { return nil }
                break
            }
            lines.append(whole)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Diagnostic {
    fileprivate static func otherObject(_ kind: String, at origin: Origin) -> Diagnostic {
        .error(
            id: "not-a-configuration", "the file holds a Kubernetes object of kind '\(kind)'",
            at: origin.location,
            help: "give the ConfigMap alone: kubectl get configmap NAME --output yaml")
    }

    fileprivate static func noConfiguration(
        in keys: [String], _ key: String, at origin: Origin
    ) -> Diagnostic {
        .error(
            id: "no-configuration", "the ConfigMap has no text 'data.\(key)'",
            at: origin.location,
            notes: keys.isEmpty ? [] : ["it has \(keys.prefix(10).joined(separator: ", "))"],
            help: "name the key '\(key)', as Kuma's chart does")
    }
}
