package import Diagnostics
package import TproxyConfig

/// A configuration file in YAML, or in JSON, which is a subset of YAML.
package enum YAMLDocument {
    /// All errors in the text.
    package struct Problem: Error {
        package var diagnostics: [Diagnostic]
    }

    /// Parses `text`; diagnostics name it by `source`, its path.
    ///
    /// Every scalar keeps its line and column. An empty text is an empty mapping. Of a Kubernetes
    /// ConfigMap, its `config.yaml` is parsed. Text that could exhaust the stack or memory is refused
    /// before it is parsed.
    package static func parse(text: String, source: String) -> Result<RawDocument, Problem> {
        parseDocument(text: text, source: source).flatMap { document in
            guard let manifest = KubernetesManifest(document) else { return .success(document) }
            switch manifest.configuration(in: text, source) {
            case .failure(let problem): return .failure(problem)
            case .success(let inner): return parseDocument(text: inner.text, source: inner.name)
            }
        }
    }

    /// Parses a document of any kind.
    static func parseDocument(
        text: String, source: String
    ) -> Result<RawDocument, Problem> {
        if let tooLarge = YAMLHazard.size(of: text, source) {
            return .failure(Problem(diagnostics: [tooLarge]))
        }
        let source = SourceText(text, name: source)
        if let hazard = YAMLHazard.find(in: source) {
            return .failure(Problem(diagnostics: [hazard]))
        }
        do throws(YAMLProblem) {
            var reader = try NodeReader(source)
            let document = try reader.document()
            guard reader.diagnostics.isEmpty else {
                return .failure(Problem(diagnostics: reader.diagnostics))
            }
            return .success(document)
        } catch {
            return .failure(Problem(diagnostics: [.yaml(error, in: source)]))
        }
    }
}

extension Diagnostic {
    /// Returns the error for a problem that libyaml or the reader reports, at its position.
    static func yaml(_ problem: YAMLProblem, in source: SourceText) -> Diagnostic {
        switch problem {
        case .malformed(let words, let mark): return invalidYAML(words, at: mark, in: source)
        case .unreadable(let words, let offset, let value):
            return invalidYAML("\(words), at byte \(offset) (value \(value))", at: nil, in: source)
        case .outOfMemory: return invalidYAML("out of memory", at: nil, in: source)
        case .nestedTooDeep(let limit, let mark):
            return .error(
                id: "nested-too-deep", "the file is nested deeper than \(limit) levels",
                at: SourceLocation(in: source, line: mark.line, column: mark.column, length: 1),
                help: "no key of the configuration is nested deeper than three")
        case .severalDocuments(let mark):
            return .error(
                id: "several-documents", "the file holds more than one document",
                at: SourceLocation(in: source, line: mark.line, column: mark.column, length: 3),
                help: "keep one of them, or write each to its own file and repeat --config")
        case .invalidMerge(let mark):
            return .error(
                id: "invalid-merge", "'<<' needs a mapping or a list of mappings",
                at: SourceLocation(in: source, line: mark.line, column: mark.column, length: 2),
                help: "refer to an anchor of a mapping, such as '<<: *name'")
        case .repeatedKey(let name, let mark):
            return .error(
                id: "repeated-key", "key '\(name)' is given twice",
                at: SourceLocation(in: source, line: mark.line, column: mark.column, length: 1),
                help: "keep one of the two")
        }
    }

    private static func invalidYAML(
        _ words: String, at mark: YAMLMark?, in source: SourceText
    ) -> Diagnostic {
        .error(
            id: "invalid-yaml", "the file is not valid YAML: \(words)",
            at: mark.map {
                SourceLocation(in: source, line: $0.line, column: $0.column, length: 1)
            } ?? SourceLocation(source: source.name),
            help: "check quotes, colons and indentation here")
    }
}
