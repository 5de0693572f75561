package import Diagnostics
package import TproxyConfig
import Yams

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
        let lines = SourceLines(text, source: source)
        if let hazard = YAMLHazard.find(in: lines) {
            return .failure(Problem(diagnostics: [hazard]))
        }
        do {
            guard let node = try Yams.compose(yaml: lines.yaml) else {
                return .success(RawDocument(entries: []))
            }
            var reader = NodeReader(lines: lines)
            let document = reader.document(node)
            guard reader.diagnostics.isEmpty else {
                return .failure(Problem(diagnostics: reader.diagnostics))
            }
            return .success(document)
        } catch let error as YamlError {
            return .failure(Problem(diagnostics: [.yaml(error, in: lines)]))
        } catch {
            return .failure(
                Problem(diagnostics: [
                    .error(id: "invalid-yaml", "'\(source)' is not valid YAML: \(error)")
                ]))
        }
    }
}
