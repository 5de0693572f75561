import Diagnostics
import KubernetesManifests

extension FuzzTarget {
    /// A manifest of Kubernetes.
    static let manifest = FuzzTarget(name: "manifest") { bytes in
        guard let text = bytes.text else { return }
        let original: String
        do throws(ManifestProblem) {
            original = try Injection.eject(text, source: "pod.yaml")
        } catch {
            return try refused(error)
        }
        for method in [Injection.Method.initContainer(image: "tproxy:1"), .plugin] {
            let injection = Injection(
                method, sidecar: "kuma-sidecar", files: [], allowUnknownKeys: false)
            let injected: String
            let notices: [Diagnostic]
            do throws(ManifestProblem) {
                let result = try injection.inject(text, source: "pod.yaml")
                injected = result.text
                notices = result.notices
            } catch {
                try refused(error)
                continue
            }
            try ReadableDiagnostics.check(notices)
            try promise(
                (try? Injection.eject(injected, source: "pod.yaml")) == original,
                "eject doesn't restore the manifest")
            try promise(
                (try? injection.inject(injected, source: "pod.yaml").text) == injected,
                "injecting twice differs from once")
        }
    }

    private static func refused(_ problem: ManifestProblem) throws {
        try promise(
            problem.diagnostics.contains { $0.severity == .error }, "refused without an error")
        try ReadableDiagnostics.check(problem.diagnostics)
    }
}
