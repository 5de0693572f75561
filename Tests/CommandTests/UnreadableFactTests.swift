import Testing
import TproxyTestSupport

/// A fact that can't be read is an error: never "no IPv6", "no resolvers" or "no Docker".
@Suite struct UnreadableFactTests {
    @Test(
        arguments: ["facts", "plan", "apply"],
        [
            "interfaceList:1:ENOMEM", "interfaceList:1:EACCES", "interfaceList:1:EAFNOSUPPORT",
            // resolv.conf, and the lists of sockets that are searched for Docker's resolver.
            "fileOpen:1:EACCES", "fileRead:1:EIO", "fileOpen:2:EACCES", "fileOpen:2:ENOENT",
            "fileRead:3:ENOMEM",
        ])
    func unreadableFactsAreRefused(command: String, fault: String) async throws {
        let outcome = try await Command.tproxy(
            [command, "--kuma-dp-user", "5678"], environment: ["TPROXY_FAULT": fault])
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("[unreadable-fact]"), "\(outcome.errors)")
        #expect(outcome.errors.contains("help: "))
    }

    @Test(arguments: [["--kuma-dp-user", "root"], []])
    func failedAccountLookupIsAnError(arguments: [String]) async throws {
        let outcome = try await Command.tproxy(
            ["plan"] + arguments, environment: ["TPROXY_FAULT": "accountLookup:1:EMFILE"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("[user-lookup-failed]"), "\(outcome.errors)")
    }

    /// resolv.conf(5) defines what a missing file means.
    @Test func missingResolvConfIsAnUncertainFact() async throws {
        let outcome = try await Command.tproxy(
            ["facts", "--kuma-dp-user", "5678", "--config", "-"],
            input: "redirect: {dns: {resolvConfigPath: /nonexistent/resolv.conf}}")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("[uncertain-fact]"), "\(outcome.errors)")
    }

    @Test func unreadableResolvConfNamesItsKey() async throws {
        let outcome = try await Command.tproxy(
            ["plan", "--kuma-dp-user", "5678", "--config", "-"],
            input: "redirect: {dns: {resolvConfigPath: /}}")
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.hasPrefix("<stdin>:1:36: error: can't read the resolvers"),
            "\(outcome.errors)")
    }
}
