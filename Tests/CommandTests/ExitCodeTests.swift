import Testing
import TproxyTestSupport

/// The program exits with 0, 1, 2 or 64 only.
@Suite struct ExitCodeTests {
    @Test(arguments: [[], ["export"], ["config"], ["install"], ["uninstall"]])
    func missingCommandExitsWithStatus64(arguments: [String]) async throws {
        let outcome = try await Command.tproxy(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("error: no command is named [no-command]\nhelp: "))
        #expect(outcome.errors.contains("\nOVERVIEW: "))
    }

    @Test func helpThatCannotBeWrittenIsAFailure() async throws {
        for words in ["--help", "--version", "plan --help"] {
            let outcome = try await Command.run(
                "sh", ["-c", "exec \(Command.tproxy) \(words) >/dev/full"])
            #expect(outcome.status == 1, "\(words)")
        }
    }

    /// libnftables calls exit(2) when it gets no memory; to a script, 2 is "differs".
    @Test(arguments: [["diff", "--kuma-dp-user", "1"], ["plan", "--kuma-dp-user", "1"]])
    func exitInsideALibraryIsAFailure(arguments: [String]) async throws {
        let outcome = try await Command.tproxy(
            arguments, environment: ["TPROXY_FAULT": "interfaceList:1:exit"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("[ended-by-library]"), "\(outcome.errors)")
    }
}
