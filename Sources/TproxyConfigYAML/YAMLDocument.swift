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
    /// Every scalar keeps its line and column. An empty text is an empty mapping. Text that could
    /// exhaust the stack or memory is refused before it is parsed.
    package static func parse(text: String, source: String) -> Result<RawDocument, Problem> {
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
