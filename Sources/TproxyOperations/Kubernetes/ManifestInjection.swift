import Diagnostics
import KubernetesConfig
package import KubernetesManifests
import TproxyConfig
import TproxyConfigYAML

/// Adds the transparent proxy to the pods of a manifest, or removes it; the file itself stays.
package struct ManifestInjection {
    private let injection: Injection

    /// Creates an operation; `configurations` are the files that configure the pods, of which later
    /// ones win.
    package init(
        _ method: Injection.Method, sidecar: String, configurations: [String],
        allowUnknownKeys: Bool
    ) throws(OperationFailure) {
        injection = Injection(
            method, sidecar: sidecar, files: try RawDocument.all(of: configurations),
            allowUnknownKeys: allowUnknownKeys)
    }

    /// Returns the manifest of `path`, or of standard input for `-`, with the proxy.
    package func inject(_ path: String) throws(OperationFailure) -> Injection.Result {
        let file = try InputFile(path)
        do throws(ManifestProblem) {
            return try injection.inject(file.text, source: file.name)
        } catch {
            throw OperationFailure(error.diagnostics)
        }
    }

    /// Returns the manifest of `path`, or of standard input for `-`, as it was before `inject`.
    package static func eject(_ path: String) throws(OperationFailure) -> String {
        let file = try InputFile(path)
        do throws(ManifestProblem) {
            return try Injection.eject(file.text, source: file.name)
        } catch {
            throw OperationFailure(error.diagnostics)
        }
    }
}

extension RawDocument {
    /// Reads configuration files; throws all errors together.
    static func all(of paths: [String]) throws(OperationFailure) -> [RawDocument] {
        var documents: [RawDocument] = []
        var diagnostics: [Diagnostic] = []
        for path in paths {
            do throws(OperationFailure) {
                let file = try InputFile(path)
                guard !PodAnnotationsFile.isOne(file.text) else {
                    diagnostics.append(.annotationsOfOnePod(file.name))
                    continue
                }
                switch YAMLDocument.parse(text: file.text, source: file.name) {
                case .success(let document): documents.append(document)
                case .failure(let problem): diagnostics += problem.diagnostics
                }
            } catch {
                diagnostics += error.diagnostics
            }
        }
        guard diagnostics.isEmpty else { throw OperationFailure(diagnostics) }
        return documents
    }
}
