import Foundation
import Testing
import TproxyTestSupport

/// `--config` with the annotations of a pod, as an init container gets them from the downward API.
@Suite struct PodAnnotationsTests {
    private static let annotations = #"""
        kuma.io/builtin-dns-port="16053"
        kuma.io/mesh="default"
        kuma.io/transparent-proxying-inbound-port="16006"
        traffic.kuma.io/transparent-proxy-config="redirect:\n  inbound: {port: 1}\n  outbound: {port: 1}\n  dns: {port: 1}\n"
        """#
    private static let custom = "redirect: {inbound: {port: 2}, outbound: {port: 2}}\n"

    private static func show(
        _ files: [(name: String, text: String)], _ flags: [String] = [],
        _ environment: [String: String] = [:]
    ) async throws -> Command.Outcome {
        let folder = try TestFolder()
        for file in files {
            try file.text.write(
                toFile: folder.path(of: file.name), atomically: false, encoding: .utf8)
        }
        return try await Command.run(
            Command.tproxy,
            ["config", "show"] + files.flatMap { ["--config", folder.path(of: $0.name)] } + flags,
            environment: environment)
    }

    /// flag > variable > annotation > file > runtime values > defaults of pods, in any order of the
    /// files.
    @Test(arguments: [false, true])
    func theyAreMergedAsForThePlugin(isReversed: Bool) async throws {
        let files = [("annotations", Self.annotations), ("custom.yaml", Self.custom)]
        let shown = try await Self.show(
            isReversed ? files.reversed() : files, ["--redirect-inbound-port", "4"],
            ["KUMA_TRANSPARENT_PROXY_WAIT": "9"])
        #expect(shown.status == 0, "\(shown.errors)")
        let rows = shown.output.split(separator: "\n").map {
            $0.split(separator: " ").prefix(2).joined(separator: " ")
        }
        for row in [
            "redirect.inbound.port 4", "wait 9", "redirect.dns.port 16053",
            "redirect.outbound.port 2", "redirect.dns.enabled true",
            "redirect.dns.captureAll true", "redirect.inbound.excludePorts[0] 9001",
            "kumaDPUser 5678",
        ] {
            #expect(rows.contains(row), "\(row)\n\(shown.output)")
        }
    }

    @Test func theOriginOfAValueIsTheAnnotation() async throws {
        let shown = try await Self.show([("annotations", Self.annotations)])
        #expect(
            shown.output.contains(
                "annotations:3, annotation kuma.io/transparent-proxying-inbound-port"),
            "\(shown.output)")
    }

    /// The same annotations from two volumes are no contradiction.
    @Test func aLaterFileOfAnnotationsWins() async throws {
        let shown = try await Self.show([
            ("first", Self.annotations), ("second", "kuma.io/builtin-dns-port=\"17053\"\n"),
        ])
        #expect(shown.status == 0 && shown.output.contains("17053"), "\(shown)")
        #expect(!shown.output.contains("16053") && shown.output.contains("16006"))
    }

    @Test func aMistakeIsNamedWithFileLineAndAnnotation() async throws {
        let wrong = try await Self.show([
            ("annotations", "a=\"1\"\nkuma.io/builtin-dns-port=\"http\"\n")
        ])
        #expect(wrong.status == 1 && wrong.output.isEmpty)
        #expect(
            wrong.errors.contains("annotations:2, annotation kuma.io/builtin-dns-port: error:"),
            "\(wrong.errors)")
        let torn = try await Self.show([("annotations", "a=\"1\"\nkuma.io/gateway=\"en")])
        #expect(torn.status == 1)
        #expect(
            torn.errors.contains("annotations:2:20: error: the value has no closing quote"),
            "\(torn.errors)")
        #expect(torn.errors.contains("annotation kuma.io/gateway"))
    }

    /// A file that configures all pods can't hold the annotations of one.
    @Test func injectRefusesThem() async throws {
        let folder = try TestFolder()
        try Self.annotations.write(
            toFile: folder.path(of: "annotations"), atomically: false, encoding: .utf8)
        let outcome = try await Command.run(
            Command.tproxy,
            ["kube", "inject", "-", "--cni", "--config", folder.path(of: "annotations")],
            input: "kind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n")
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("has the annotations of one pod"), "\(outcome.errors)")
    }
}
