import Foundation
import Testing
import TproxyTestSupport

/// The output at a terminal of 80 columns, a real one of script(1).
@Suite struct TerminalTests {
    private func onTerminal(
        _ command: String, rows: Int = 24, environment: [String: String] = [:]
    ) async throws -> [String] {
        let folder = try #require(Scenario.all.first { $0.name == "everything" }).folder.path
        let inputs = "--config tproxy.yaml --facts facts.json"
        let outcome = try await Command.run(
            "script",
            [
                "-qec",
                "stty cols 80 rows \(rows); \(Command.tproxy) \(command) \(inputs) 2>/dev/null",
                "/dev/null",
            ],
            environment: ["PAGER": "cat", "TERM": "xterm", "NO_COLOR": ""].merging(environment) {
                $1
            },
            in: folder)
        return outcome.output.replacing("\r\n", with: "\n").split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
    }

    private func visible(_ line: String) -> String {
        line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    }

    @Test(arguments: ["plan --full", "explain --to 192.0.2.1:80 --path", "apply --dry-run"])
    func noLineIsWiderThanTheTerminal(command: String) async throws {
        let lines = try await onTerminal(command)
        #expect(lines.count > 10)
        for line in lines { #expect(visible(line).count <= 80, "\(line)") }
    }

    @Test func colourIsForTerminalsWithoutNO_COLOR() async throws {
        let coloured = try await onTerminal("plan --full").joined()
        #expect(coloured.contains("\u{1B}[36mREDIRECTED"))
        for quiet in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
            let plain = try await onTerminal("plan --full", environment: quiet)
            #expect(!plain.joined().contains("\u{1B}"))
        }
        let piped = try await Command.tproxy(["plan", "--kuma-dp-user", "1"])
        #expect(!piped.output.contains("\u{1B}"))
    }

    @Test func onlyLongOutputIsPaged() async throws {
        let pager = ["TPROXY_PAGER": "sed 's/^/paged: /'"]
        let long = try await onTerminal("plan --full", rows: 24, environment: pager)
        // The head is in the pager, and with it the first line.
        #expect(long.filter { !$0.isEmpty }.allSatisfy { $0.hasPrefix("paged: ") })
        #expect(long.contains { visible($0).hasPrefix("paged: 37 to add: ") })
        let short = try await onTerminal("plan --full", rows: 900, environment: pager)
        #expect(!short.contains { $0.contains("paged: ") })
        let missing = try await onTerminal(
            "plan", environment: ["TPROXY_PAGER": "no-such-program"])
        #expect(missing.contains { visible($0).contains("table inet tproxy_mesh") })
    }
}
