import Foundation
import Testing
import TproxyTestSupport

/// `kube inject` and `kube eject` as programs: files, standard input, exact bytes, exit codes.
@Suite struct KubeCommandTests {
    private let pod = "kind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app"

    @Test func injectAndEjectAreExactThroughStandardInput() async throws {
        for end in ["", "\n", "\n\n", "\r\n"] {
            let original = pod + end
            let injected = try await Unprivileged.tproxy(
                ["kube", "inject", "-", "--image", "tproxy:1"], input: original)
            #expect(injected.status == 0 && injected.errors.isEmpty, "\(injected.errors)")
            #expect(injected.output.contains("image: \"tproxy:1\""))
            let again = try await Command.tproxy(
                ["kube", "inject", "-", "--image", "tproxy:1"], input: injected.output)
            #expect(again.output == injected.output)
            let ejected = try await Command.tproxy(["kube", "eject", "-"], input: injected.output)
            #expect(ejected.output == original)
        }
    }

    @Test func theConfigurationOfAFileReachesThePod() async throws {
        let folder = try TestFolder()
        try pod.write(toFile: folder.path(of: "pod.yaml"), atomically: false, encoding: .utf8)
        for (name, text) in [("a", "wait: 1\nwaitInterval: 3"), ("b", "wait: 2")] {
            try text.write(toFile: folder.path(of: name), atomically: false, encoding: .utf8)
        }
        let outcome = try await Command.tproxy(
            ["kube", "inject", "pod.yaml", "--cni", "--config", "a", "--config", "b"],
            in: folder.url.path)
        #expect(
            outcome.output.contains("wait: \"2\"") && outcome.output.contains("waitInterval: \"3\"")
        )
        #expect(!outcome.output.contains("initContainers"))
    }

    /// What `inject` writes for the init container is a configuration that `apply` accepts.
    @Test func theAnnotationIsAValidConfiguration() async throws {
        let injected = try await Command.tproxy(["kube", "inject", "-", "--cni"], input: pod)
        let lines = injected.output.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasSuffix("transparent-proxy-config: |") })
        let text = lines[(start + 1)...].prefix { !$0.contains("# tproxy:end") }
            .map { $0.dropFirst(6) }.joined(separator: "\n")
        let shown = try await Command.tproxy(["config", "check", "--config", "-"], input: text)
        #expect(shown.status == 0, "\(shown.errors)\(text)")
    }

    @Test func anErrorPrintsNoManifest() async throws {
        let outcome = try await Command.tproxy(
            ["kube", "inject", "-", "--cni"],
            input: pod + "\n---\nkind: Pod\nmetadata: {name: db}\nspec: {}\n")
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("<stdin>:9:11: error: can't add lines to pod db here"))
    }

    @Test(arguments: [
        ["kube"], ["kube", "inject"], ["kube", "inject", "-"], ["kube", "eject"],
        ["kube", "inject", "-", "--cni", "--image", "a"],
    ])
    func incompleteArgumentsAreAnErrorOfUsage(arguments: [String]) async throws {
        #expect(try await Command.tproxy(arguments, input: pod).status == 64)
    }
}
