import Foundation
import JSON
import Testing
import TproxyTestSupport

@testable import TproxyCommands

/// `tproxy assert`: the file, the verdicts, and the forms of the result.
@Suite struct AssertTests {
    private static let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]

    private static func run(
        _ assertions: String, _ more: [String] = [], scenario name: String = "default"
    ) async throws -> Command.Outcome {
        let scenario = try #require(Scenario.all.first { $0.name == name })
        return try await Command.tproxy(
            ["assert", "-"] + inputs + more, input: assertions, in: scenario.folder.path)
    }

    @Test func provedAssertionsExitWithStatus0() async throws {
        let outcome = try await Self.run(
            """
            # Comments and empty lines are ignored.

            incoming tcp to port 22: not redirected   # SSH
            OUTGOING TCP of uid 5678 via eth0: not redirected
            outgoing tcp, not of uid 5678, not via lo, not to port 22: redirected to port 15001
            udp to port 53: not redirected
            all packets: not dropped
            """, ["--exclude-inbound-ports", "22", "--exclude-outbound-ports", "22"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("5 assertions about the plan: all proved"))
    }

    @Test func refutedAssertionNamesAPacketAndTheRule() async throws {
        let outcome = try await Self.run("incoming tcp to port 22: not redirected\n")
        #expect(outcome.status == 2)
        for part in [
            "refuted   incoming TCP to port 22: not redirected", "place     <stdin>:1:1",
            "such as   in tcp to=203.0.113.1:22 on=eth0",
            "outcome   redirected to port 15006 of this host",
            "(chain INBOUND_REDIRECT, rule 1)", "key       redirect.inbound.port, default",
            "1 assertion about the plan: 1 NOT proved",
        ] {
            #expect(outcome.output.contains(part), "\(part): \(outcome.output)")
        }
    }

    @Test func issueExamplesAreUnderstood() async throws {
        let outcome = try await Self.run(
            """
            incoming tcp to port 22: not redirected
            outgoing tcp of uid 5678: not redirected
            outgoing udp to port 53: redirected to 15053
            """, ["--redirect-all-dns-traffic"])
        #expect(outcome.status == 2)
        // The proxy's connection to an address of this host is redirected inbound.
        #expect(outcome.output.contains("out tcp uid=5678"))
        #expect(outcome.output.contains("3 NOT proved"), "\(outcome.output)")
    }

    @Test(arguments: [
        ("incoming tcp to port 22", "<stdin>:1:22", "the outcome is missing"),
        ("incoming tcp to port 22: nothing", "<stdin>:1:26", "'nothing' is not an outcome"),
        ("incoming tcp to prot 22: dropped", "<stdin>:1:17", "'prot' is not a value here"),
        ("incomming tcp: dropped", "<stdin>:1:1", "did you mean 'incoming'?"),
        ("# first\n\ntcp to port 0: dropped", "<stdin>:3:13", "'0' is not a value here"),
        ("incoming tcp of uid 5678: dropped", "<stdin>:1:14", "has no owner on this host"),
        ("tcp to 10.0.0.1 from ::1: dropped", "<stdin>:1:17", "both IPv4 and IPv6"),
        ("tcp to port 1 to port 2: dropped", "<stdin>:1:15", "'to port' is given twice"),
        ("tcp to port 80 443: dropped", "<stdin>:1:16", "a comma between values"),
        ("tcp to: dropped", "<stdin>:1:5", "a value is missing after 'to'"),
        ("tcp not over ipv4: dropped", "<stdin>:1:9", "a family can't be negated"),
        (": dropped", "<stdin>:1:1", "the packets are missing"),
        ("# nothing", "<stdin>", "holds no assertion"),
    ])
    func errorsNameTheirPlaceAndARemedy(text: String, place: String, words: String) async throws {
        let outcome = try await Self.run(text)
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        for part in [place, words, "help: "] {
            #expect(outcome.errors.contains(part), "\(part): \(outcome.errors)")
        }
    }

    @Test func allErrorsAreReportedTogether() async throws {
        let outcome = try await Self.run("tcp: x\ntcp: dropped\nudp: y\n")
        #expect(outcome.errors.contains("<stdin>:1:6") && outcome.errors.contains("<stdin>:3:6"))
    }

    /// Of a pattern without packets, nothing is proved.
    @Test func patternWithoutPacketsIsNotProved() async throws {
        let outcome = try await Self.run("incoming tcp on lo: not redirected\n")
        #expect(outcome.status == 2)
        #expect(outcome.output.contains("empty"), "\(outcome.output)")
    }

    @Test func listingsAreSubjects() async throws {
        let saved = try await Self.run(
            "outgoing tcp of uid 1000 to 203.0.113.1 via eth0: redirected to 15001\n",
            ["--ruleset", "listed-by-iptables.txt"])
        #expect(saved.status == 0, "\(saved.output)\(saved.errors)")
        #expect(saved.output.contains("about the rules in 'listed-by-iptables.txt'"))
    }

    @Test func planFilesAreSubjects() async throws {
        let folder = try TestFolder()
        let scenario = try #require(Scenario.all.first { $0.name == "default" })
        let plan = folder.path(of: "plan.json")
        _ = try await Command.tproxy(
            ["plan", "--no-preflight", "--loaded", "none", "--output-file", plan] + Self.inputs,
            in: scenario.folder.path)
        let outcome = try await Command.tproxy(
            ["assert", "-", "--plan", plan], input: "incoming tcp: redirected to 15006\n")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("about the plan in '\(plan)'"))
    }

    @Test func junitHasACaseForEachAssertion() async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "junit.xml")
        let lines = "incoming tcp: redirected\nincoming tcp on \"to\": dropped\n"
        for _ in 0..<2 {
            let outcome = try await Self.run(lines, ["--junit", file])
            #expect(outcome.status == 2, "\(outcome.errors)")
        }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains("tests=\"2\" failures=\"1\""))
        #expect(text.contains("<testcase name=\"incoming TCP: redirected\""))
        #expect(text.contains("on &quot;to&quot;: dropped"))
        #expect(text.contains("<failure type=\"refuted\""))
        let check = try await Command.run("xmllint", ["--noout", file])
        #expect(check.status == 0, "\(check.errors)")
        // Another file is never replaced.
        try "mine".write(toFile: file, atomically: true, encoding: .utf8)
        let refused = try await Self.run(lines, ["--junit", file])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("[foreign-file]"), "\(refused.errors)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
    }

    @Test func documentMatchesItsSchema() async throws {
        let outcome = try await Self.run(
            "incoming tcp: redirected\nincoming tcp: dropped\n", ["--output", "json"])
        #expect(try await JSONSchemaCheck.problems(outcome.output, "assert-1") == "")
    }

    @Test(arguments: [
        "incoming TCP to port 22: not redirected",
        "outgoing TCP of UID 5678, 1000-1999, none to 10.0.0.0/8, 10.1.0.1-10.1.0.3 over ipv4: dropped",
        "invalid or established packets, not from port 53, not of uid 0: not dropped",
        "all packets via docker+ except docker0, docker1: in conntrack zone 2",
        "tcp on \"to\", eth0: sent to 10.0.0.1 port 80", "udp to ::1: in no conntrack zone",
        "tcp to 2001:db8:: : redirected", "outgoing or incoming udp or tcp: sent to port 7",
    ])
    func printedAssertionReadsBack(line: String) throws {
        let printed = try CommandInput.assertions(line).get()
        #expect(try CommandInput.assertions(printed.joined(separator: "\n")).get() == printed)
    }
}
