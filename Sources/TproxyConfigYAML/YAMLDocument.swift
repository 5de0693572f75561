package import Diagnostics
package import TproxyConfig

/// A configuration file in YAML, or in JSON, which YAML contains.
package enum YAMLDocument {
    /// Everything that is wrong with the text.
    package struct Problem: Error {
        package var diagnostics: [Diagnostic]
    }

    /// Reads `text`; `source` is the path to name in diagnostics.
    ///
    /// Every scalar keeps its line and column. An empty text is an empty mapping. Texts that could
    /// exhaust the stack or the memory are refused before they are parsed.
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
