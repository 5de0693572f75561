import Foundation
import Testing
import TproxyTestSupport

/// Loading needs CAP_NET_ADMIN and nothing else.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct CapabilityTests {
    private let apply = ["apply", "--facts", "-"]

    @Test func netAdminAloneIsEnough() async throws {
        try await Sandbox.with { sandbox in
            let before = try await sandbox.state()
            let alone = [
                "--reuid", "65534", "--regid", "65534", "--clear-groups",
                "--inh-caps", "-all,+net_admin", "--ambient-caps", "-all,+net_admin",
                "--bounding-set", "-all,+net_admin",
            ]
            let binary = try await Self.readableCopy()
            let applied = try await sandbox.run(
                "setpriv", alone + [binary] + apply, input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
            #expect(applied.output.hasPrefix("installed"))
            let removed = try await sandbox.run("setpriv", alone + [binary, "remove"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try await sandbox.state() == before)
        }
    }

    @Test func rootWithoutNetAdminIsRefused() async throws {
        try await Sandbox.with { sandbox in
            let before = try await sandbox.state()
            for command in [apply, ["remove"], ["status"]] {
                let outcome = try await sandbox.run(
                    "setpriv", ["--bounding-set", "-net_admin", Command.tproxy] + command,
                    input: ApplyTests.facts)
                let purpose =
                    command == ["status"] ? "reading the loaded rules" : "changing firewall rules"
                #expect(outcome.status == 1)
                #expect(
                    outcome.errors == """
                        error: \(purpose) needs CAP_NET_ADMIN [missing-capability]
                        help: run as root, or grant it: setcap cap_net_admin+ep, AmbientCapabilities=

                        """)
            }
            #expect(try await sandbox.state() == before)
        }
    }

    /// Other users may not read the checkout.
    private static func readableCopy() async throws -> String {
        let folder = try await Command.run("mktemp", ["-d"]).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        _ = try await Command.run(
            "sh", ["-c", "cp \(Command.tproxy) \(folder)/ && chmod -R a+rX \(folder)"])
        return "\(folder)/tproxy"
    }
}
