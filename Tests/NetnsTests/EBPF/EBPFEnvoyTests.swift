import Foundation
import Testing
import TproxyTestSupport

/// A real Envoy that finds the original destination of each connection, behind the programs.
///
/// Its configuration is that of the tests of pods, which is kuma-dp's: port 15001 for outgoing
/// connections, 15006 for incoming ones, 15053 for DNS.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFEnvoyTests {
    /// UID 5678 is the proxy's.
    private static let expected: [(probe: String, answer: String)] = [
        ("1000 10.8.0.2", "world from 10.8.0.1, through out4 1"),
        ("1000 fd08::2", "world from fd08::1, through out6 1"),
        ("0@peer 10.8.0.1", "app from 127.0.0.6, through in4 1"),
        ("0@peer fd08::1", "app from ::6, through in6 1"),
        ("5678 10.8.0.2", "world from 10.8.0.1, through nothing"),
        ("5678 fd08::2", "world from fd08::1, through nothing"),
        ("5678 10.8.0.1", "app from 127.0.0.6, through in4 1"),
        ("5678 fd08::1", "app from ::6, through in6 1"),
        ("1000 10.8.0.1", "app from 10.8.0.1, through nothing"),
        ("1000 127.0.0.1", "app from 127.0.0.1, through nothing"),
    ]

    /// No host has these addresses of name servers: only the proxy answers there.
    private static let names = ["192.0.2.53", "2001:db8::53"].flatMap { server in
        ["240.0.0.7", "fd00:fd00::7"].flatMap { address in
            [String](repeating: "\(address) from \(server):53", count: 2)
        }
    }

    @Test(arguments: ["rules; envoy", "envoy; rules", "envoy; rules; replacement"])
    func envoyReceivesEveryConnectionWithItsDestination(order: String) async throws {
        let lines = try await Self.lines(order)
        #expect(lines == Self.expected.map { "\($0.probe): \($0.answer)" } + Self.names)
    }

    /// Without the programs nothing passes through Envoy, so the other test can fail.
    @Test func withoutTheProgramsNothingPassesThroughEnvoy() async throws {
        let lines = try await Self.lines("envoy; true")
        #expect(lines.count == Self.expected.count + Self.names.count)
        #expect(!lines.contains { $0.contains("through in") || $0.contains("through out") })
        #expect(!lines.contains { $0.hasPrefix("240.") || $0.hasPrefix("fd00:") })
    }

    private static func lines(_ order: String) async throws -> [String] {
        let pods = Scenario.root.path + "/.ci/kubernetes"
        let given = ProcessInfo.processInfo.environment["TPROXY_ENVOY"]
        let envoy = if let given { given } else { try await run("\(pods)/envoy") }
        let configuration = try await run(
            "cd \(pods) && /usr/bin/python3 -Bc "
                + "'import json, node; print(json.dumps(node.envoy_configuration()))'")
        var lines: [String] = []
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let probes = expected.map { "'\($0.probe)'" }.joined(separator: " ")
            let outcome = try await EBPFScript.run(
                """
                printf '%s' "$CONFIGURATION" >envoy.json
                printf '%s' "$ENVOY_PROBE" >envoy.py
                touch envoy
                mount --bind \(envoy) envoy
                python() { /usr/bin/python3 envoy.py "$@"; }
                envoy() {
                    inside setpriv --reuid=5678 --regid=5678 --clear-groups ./envoy \\
                        --config-path envoy.json --disable-hot-restart --concurrency 2 >log 2>&1 &
                    python start || { cat log >&2; exit 1; }
                }
                rules() { apply --redirect-all-dns-traffic >/dev/null 2>&1; }
                replacement() {
                    apply --redirect-all-dns-traffic --exclude-outbound-ports 7 >/dev/null 2>&1
                }
                inside ip netns exec peer /usr/bin/python3 envoy.py serve world world &
                inside setpriv --reuid=1000 --clear-groups /usr/bin/python3 envoy.py serve app app &
                while [ ! -e world ] || [ ! -e app ]; do sleep 0.1; done
                \(order)
                inside /usr/bin/python3 envoy.py check \(probes)
                """, in: sandbox,
                environment: ["CONFIGURATION": configuration, "ENVOY_PROBE": EnvoyProbe.program])
            #expect(outcome.status == 0, "\(outcome.errors)")
            lines = outcome.output.split(separator: "\n").map(String.init)
        }
        return lines
    }

    /// Envoy is downloaded by `make setup-test`: there is no network here.
    private static func run(_ command: String) async throws -> String {
        let outcome = try await Command.run("bash", ["-c", command])
        try #require(outcome.status == 0, "run 'make setup-test' first: \(outcome.errors)")
        return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
