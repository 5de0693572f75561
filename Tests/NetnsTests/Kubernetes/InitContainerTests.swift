import Foundation
import JSON
import Testing
import TproxyTestSupport

/// The program under the name `kumactl`, with the arguments and volumes of Kuma's init container.
///
/// `make test-image` runs the same in real pods, with the image.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct InitContainerTests {
    private static let completion = "# transparent proxy setup completed successfully: "

    /// A folder with the program's link and the two volumes, as the kubelet lays them out.
    private struct Container {
        let folder: TestFolder

        init(base: String, custom: String) throws {
            folder = try TestFolder()
            try FileManager.default.createSymbolicLink(
                atPath: folder.path(of: "kumactl"), withDestinationPath: Command.tproxy)
            for (name, text) in [("base", base), ("custom", custom)] {
                let volume = folder.path(of: name)
                try FileManager.default.createDirectory(
                    atPath: "\(volume)/..2026_11_30", withIntermediateDirectories: true)
                try text.write(
                    toFile: "\(volume)/..2026_11_30/config.yaml", atomically: false, encoding: .utf8
                )
                for (link, target) in [
                    ("..data", "..2026_11_30"), ("config.yaml", "..data/config.yaml"),
                ] {
                    try FileManager.default.createSymbolicLink(
                        atPath: "\(volume)/\(link)", withDestinationPath: target)
                }
            }
        }

        func install(_ sandbox: Sandbox, _ more: [String] = []) async throws -> Command.Outcome {
            try await sandbox.run(
                folder.path(of: "kumactl"),
                [
                    "install", "transparent-proxy",
                    "--config=\(folder.path(of: "base/config.yaml"))",
                    "--config=\(folder.path(of: "custom/config.yaml"))",
                ] + more)
        }
    }

    /// Runs `body` in the network namespace of a pod with addresses of both families.
    private static func inPod(_ body: (Sandbox) async throws -> Void) async throws {
        try await Sandbox.with { pod in
            try await pod.shell(
                """
                ip link add eth0 type veth peer name eth1
                ip address add 10.1.0.5/16 dev eth0
                ip address add 2001:db8::5/64 dev eth0 nodad
                ip link set eth0 up
                ip link set eth1 up
                """)
            try await body(pod)
        }
    }

    private static let base = """
        kumaDPUser: "5678"
        iptablesExecutables: {iptables: "", iptables-save: "", iptables-restore: ""}
        redirect: {dns: {enabled: true, captureAll: true}, inbound: {port: 15006}}
        """

    @Test func oneLineSaysWhatWasDone() async throws {
        let container = try Container(
            base: Self.base, custom: "redirect: {inbound: {port: 16006}}")
        try await Self.inPod { sandbox in
            let outcome = try await container.install(sandbox)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            #expect(
                outcome.output.hasPrefix(Self.completion + "installed table inet tproxy_mesh: "))
            #expect(outcome.output.hasSuffix("; added ::6/128 on lo\n"), "\(outcome.output)")
            #expect(outcome.output.split(separator: "\n").count == 1)
            let rules = try await sandbox.shell("nft list ruleset")
            #expect(rules.contains("redirect to :16006") && !rules.contains("redirect to :15006"))
        }
    }

    /// A volume of the downward API with all annotations, instead of one with the configuration.
    @Test func theAnnotationsOfThePodAreAConfiguration() async throws {
        let container = try Container(
            base: "kuma.io/sidecar-uid=\"5678\"\n"
                + "kuma.io/transparent-proxying-inbound-port=\"16006\"",
            custom: "redirect: {inbound: {port: 17006}, outbound: {port: 17001}}")
        try await Self.inPod { sandbox in
            let outcome = try await container.install(sandbox)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            let rules = try await sandbox.shell("nft list ruleset")
            #expect(rules.contains("redirect to :16006") && !rules.contains("redirect to :17006"))
            #expect(rules.contains("redirect to :17001") && rules.contains("redirect to :15053"))
        }
    }

    @Test func aSecondRunChangesNothing() async throws {
        let container = try Container(base: Self.base, custom: "")
        try await Self.inPod { sandbox in
            #expect(try await container.install(sandbox).status == 0)
            let before = try await sandbox.state()
            let outcome = try await container.install(sandbox)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            #expect(
                outcome.output.hasPrefix(Self.completion + "unchanged: table inet tproxy_mesh"))
            #expect(outcome.output.split(separator: "\n").count == 1)
            #expect(try await sandbox.state() == before)
        }
    }

    @Test func jsonIsOneObject() async throws {
        let container = try Container(base: Self.base, custom: "")
        try await Self.inPod { sandbox in
            let outcome = try await container.install(sandbox, ["--output", "json"])
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            let report = try JSONValue(parsing: outcome.output)
            #expect(report["outcome"]?.string == "installed")
            #expect(report["diagnostics"]?.array?.isEmpty ?? true, "\(outcome.output)")
        }
    }

    @Test func aMistakeInAVolumeIsNamedAndLoadsNothing() async throws {
        let container = try Container(base: Self.base, custom: "redirect: {inbound: {prt: 1}}")
        try await Self.inPod { sandbox in
            let before = try await sandbox.state()
            let outcome = try await container.install(sandbox)
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("/custom/config.yaml:1:22: error: unknown key"))
            #expect(try await sandbox.state() == before)
        }
    }

    /// The name alone is kumactl's: a script on a host gets every line.
    @Test func underItsOwnNameTheProgramReportsLineByLine() async throws {
        try await Self.inPod { sandbox in
            let outcome = try await sandbox.tproxy([
                "install", "transparent-proxy", "--kuma-dp-user", "5678",
            ])
            #expect(outcome.errors.contains("[no-listener]"))
            #expect(outcome.output.split(separator: "\n").count == 3, "\(outcome.output)")
        }
    }
}
