import Foundation
import Testing
import TproxyTestSupport

@testable import TproxyCommands

/// The table of exit statuses is the same in code, help and README.
@Suite struct ExitStatusTests {
    @Test func readmeHasTheTable() throws {
        let readme = try String(
            contentsOf: Scenario.root.appendingPathComponent("README.md"), encoding: .utf8)
        #expect(readme.contains("\n\n\(TproxyCommands.ExitStatus.markdown)\n\n"))
    }

    @Test func helpHasTheTable() async throws {
        let help = try await Command.tproxy(["--help"])
        func words(_ text: String) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        #expect(help.status == 0)
        #expect(
            words(help.output).contains(words(TproxyCommands.ExitStatus.text)), "\(help.output)")
        // Each status begins a line.
        for status in TproxyCommands.ExitStatus.allCases {
            #expect(help.output.contains("\n  \(status.rawValue) "), "\(help.output)")
        }
    }

    @Test(arguments: [
        (["config", "check"], TproxyCommands.ExitStatus.done),
        (["config", "check", "--wait", "x"], .failed),
        (["config", "check", "--no-such"], .usage), (["--help"], .done), ([], .usage),
    ])
    func statusIsThatOfTheTable(arguments: [String], status: TproxyCommands.ExitStatus) async throws
    {
        #expect(try await Command.tproxy(arguments).status == status.rawValue)
    }
}
