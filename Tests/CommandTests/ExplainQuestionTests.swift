import Foundation
import Testing
import TproxyTestSupport

/// Questions to `explain` other than a single packet.
@Suite struct ExplainQuestionTests {
    private static let facts = ["--facts", "rulesets/default/facts.json"]

    private func explain(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> Command.Outcome {
        try await Command.tproxy(
            ["explain"] + arguments, environment: environment, input: input,
            in: Scenario.root.path)
    }

    @Test func pathIsPrintedOnRequestOnly() async throws {
        let packet = Self.facts + ["--to", "203.0.113.1:443", "--uid", "1000"]
        let short = try await explain(packet)
        #expect(short.output.split(separator: "\n").count == 4)
        let long = try await explain(packet + ["--path"])
        #expect(long.output.hasPrefix(short.output))
        #expect(long.output.contains("rules it met"))
        #expect(long.output.contains("3. chain OUTBOUND_REDIRECT, rule 1"))
    }

    @Test func flowEndsWithTheAnswerToTheSender() async throws {
        let outcome = try await explain(
            Self.facts + ["--to", "203.0.113.1:443", "--uid", "1000", "--flow"])
        for text in [
            "1. the packet", "sent to   127.0.0.1 port 15001, the proxy's outbound port",
            "2. the proxy's connection to the original destination", "of UID 5678",
            "because   proxy's own traffic", "undoes the redirect: it comes from 203.0.113.1:443",
            "it arrives, and the answer comes back",
        ] {
            #expect(outcome.output.contains(text), "\(text)")
        }
    }

    /// The rules are for UID 5678, and the flag names another user as the proxy.
    @Test func loopingFlowIsReported() async throws {
        let outcome = try await explain(
            [
                "--ruleset", "rulesets/default/tproxy.json", "--kuma-dp-user", "1234",
                "--to", "203.0.113.1:443", "--uid", "1000", "--flow",
            ])
        #expect(outcome.output.contains("it LOOPS: step 2 repeats endlessly"))
    }

    @Test func packetFileHasOnePacketPerLine() async throws {
        let outcome = try await explain(
            Self.facts + ["--packets", "-"],
            input: """
                # what matters to us
                out tcp uid=1000 to=203.0.113.1:443   # the shop
                in tcp from=198.51.100.7 to=10.0.0.2:8080 on=eth0

                {"direction": "out", "proto": "udp", "uid": 1000, "to": "10.0.0.53:53"}
                """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 5)
        #expect(lines[1].hasPrefix("2     proxy :15001  out tcp uid=1000 to=203.0.113.1:443"))
        #expect(lines[2].hasPrefix("3     proxy :15006  in tcp from=198.51.100.7"))
        #expect(lines[3].hasPrefix("5     untouched"))
        #expect(lines[4] == "3 packets: 2 redirected, 1 untouched")
    }

    @Test func everyProblemOfAPacketFileIsReportedInOneRun() async throws {
        let outcome = try await explain(
            Self.facts + ["--packets", "-"],
            input: """
                out tcp uidd=3 to=1.2.3.4:80
                out tpc to=1.2.3.4:80
                in tcp uid=0 to=1.2.3.4:99999
                {"to": "1.1.1.1:5", "foo": 1}
                {bad
                out tcp
                out tcp to=10.0.0.1:80 to=10.0.0.2:80
                """)
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        for place in [
            "<stdin>:1:9: error: a packet has no field 'uidd' [unknown-packet-field]",
            "help: did you mean 'uid'?", "<stdin>:2:5: error: 'tpc' is not a value for proto",
            "<stdin>:3:17: error: '1.2.3.4:99999' is not a value for to [invalid-packet]",
            "<stdin>:3:12: error: '0' is not a value for uid [invalid-packet]",
            "<stdin>:4:21: error: a packet has no field 'foo'", "<stdin>:5:1: error:",
            "<stdin>:6:1: error: to is missing", "<stdin>:7:24: error: 'to=10.0.0.2:80' repeats",
        ] {
            #expect(outcome.errors.contains(place), "\(place)\n\(outcome.errors)")
        }
    }

    @Test func whyNamesRulesWithAnExamplePacketEach() async throws {
        let outcome = try await explain(Self.facts + ["--why", "redirected", "--port", "8080"])
        for text in [
            "question  which packets are redirected: to port 8080",
            "redirected: to the proxy inbound (chain INBOUND_REDIRECT, rule 1)",
            "key      redirect.outbound.port, default",
            "which    out tcp over IPv4, not UID 5678",
            "such as  in tcp to=203.0.113.1:8080 on=eth0",
            "all other packets of the pattern: bypassed, untouched",
        ] {
            #expect(outcome.output.contains(text), "\(text)\n\(outcome.output)")
        }
        let none = try await explain(
            Self.facts + ["--why", "redirected", "--proto", "udp", "--to", "203.0.113.0/24"])
        #expect(none.output.contains("none: no rule does that to these packets"))
    }

    /// `explain` gives each example packet the outcome that it is an example of.
    @Test(arguments: ["redirected", "bypassed"])
    func examplePacketsHaveTheOutcomeTheyIllustrate(why: String) async throws {
        let inputs = [
            "--config", "rulesets/everything/tproxy.yaml", "--facts",
            "rulesets/everything/facts.json",
        ]
        let outcome = try await explain(inputs + ["--why", why])
        let examples = outcome.output.split(separator: "\n").filter { $0.contains("such as  ") }
            .map { $0.replacing("   such as  ", with: "") }
        try #require(examples.count >= 5)
        let explained = try await explain(
            inputs + ["--packets", "-"], input: examples.joined(separator: "\n"))
        let summary = explained.output.split(separator: "\n").last ?? ""
        if why == "redirected" {
            #expect(summary == "\(examples.count) packets: \(examples.count) redirected")
        } else {
            #expect(summary.hasPrefix("\(examples.count) packets: "))
            #expect(!summary.contains("redirected"))
        }
    }

    @Test func ownAddressesAreReachedOverLoopback() async throws {
        let facts = FileManager.default.temporaryDirectory
            .appendingPathComponent("facts-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: facts) }
        try """
        {"proxyUser": 5678, "loopback": "lo", "resolvers": [], "hasDockerDNSChain": false,
         "ipv6": {"isUsable": true, "reason": "assumed"},
         "addresses": [{"interface": "ens3", "address": "10.0.0.5"}]}
        """.write(to: facts, atomically: true, encoding: .utf8)
        let own = try await explain(["--facts", facts.path, "--to", "10.0.0.5:80"])
        #expect(own.output.contains("via lo of UID 0"))
        #expect(own.output.contains("bypassed: not redirected"))
        let far = try await explain(["--facts", facts.path, "--to", "10.0.0.6:80"])
        #expect(far.output.contains("via ens3 of UID 0"))
        let flow = try await explain(
            ["--facts", facts.path, "--direction", "in", "--to", "10.0.0.5:80", "--flow"])
        #expect(flow.output.contains("sent to   10.0.0.5 port 15006"))
    }

    @Test(arguments: [
        ["--to", "10.0.0.1:80", "--packets", "-"], ["--packets", "-", "--flow"],
        ["--why", "redirected", "--flow"], ["--why", "maybe"], ["--uid", "1"],
    ])
    func conflictingQuestionsAreRefused(arguments: [String]) async throws {
        let outcome = try await explain(Self.facts + arguments)
        #expect(outcome.status == 64, "\(outcome.output)")
        #expect(outcome.output.isEmpty)
    }

    @Test(arguments: [
        ["--to", "203.0.113.1:443", "--path"], ["--to", "203.0.113.1:443", "--flow"],
        ["--why", "bypassed"], ["--why", "redirected"], ["--packets", "-"],
    ])
    func noLineIsWiderThanTheScreen(arguments: [String]) async throws {
        let outcome = try await explain(
            [
                "--config", "rulesets/everything/tproxy.yaml", "--facts",
                "rulesets/everything/facts.json",
            ] + arguments,
            input: "out tcp uid=1000680000 from=[2001:db8::1]:40000 to=[2001:db8:1:2:3:4:5:6]:443",
            environment: ["COLUMNS": "80"])
        #expect(outcome.status == 0)
        #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test(arguments: [
        ["--to", "10.1.1.1:80"], ["--to", "10.1.1.1:53", "--proto", "udp", "--flow"],
        ["--packets", "-"], ["--why", "redirected"], ["--why", "bypassed", "--port", "8080"],
        ["--to", "10.1.1.1:80", "--ruleset", "rulesets/everything/listed-by-iptables.txt"],
    ])
    func jsonMatchesItsSchema(arguments: [String]) async throws {
        let outcome = try await explain(
            [
                "--config", "rulesets/everything/tproxy.yaml", "--facts",
                "rulesets/everything/facts.json", "--output", "json",
            ] + arguments, input: "in tcp to=10.0.0.2:80\n")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try await JSONSchemaCheck.problems(outcome.output, "explain-1") == "")
    }
}
