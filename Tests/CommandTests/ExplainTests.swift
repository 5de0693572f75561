import Foundation
import Testing
import TproxyTestSupport

@Suite struct ExplainTests {
    private func explain(_ scenario: String, _ arguments: [String]) async throws -> Command.Outcome
    {
        let found = try #require(Scenario.all.first { $0.name == scenario })
        return try await Command.tproxy(
            ["explain", "--config", "tproxy.yaml", "--facts", "facts.json"] + arguments,
            in: found.folder.path)
    }

    @Test func explainNamesOutcomeRuleAndKey() async throws {
        let outcome = try await explain("default", ["--to", "203.0.113.1:80", "--uid", "1000"])
        #expect(outcome.status == 0)
        #expect(
            outcome.output.contains(
                """
                packet    outgoing tcp from 0.0.0.0 to 203.0.113.1 port 80 via eth0 of UID 1000
                outcome   redirected to port 15001 of this host
                because   to the proxy outbound (chain OUTBOUND_REDIRECT, rule 1)
                key       redirect.outbound.port, default
                """))
    }

    /// eBPF has no rules before NAT: there is nothing to separate without translated addresses.
    @Test func explainNamesNoConntrackZoneForEBPF() async throws {
        let query = ["--proto", "udp", "--to", "10.0.0.53:53", "--uid", "1000", "--path"]
        let packets = try await explain("dns-all", query)
        #expect(packets.output.contains("conntrack zone 2"))
        let sockets = try await explain("dns-all", query + ["--ebpf-enabled"])
        #expect(sockets.output.contains("redirected to port 15053"))
        #expect(!sockets.output.contains("zone"))
    }

    @Test func explainNamesTheFileAndLineOfTheKey() async throws {
        let outcome = try await explain("exclusions", ["--to", "192.168.7.9:80"])
        #expect(outcome.output.contains("key       redirect.outbound.excludePortsForIPs["))
        #expect(outcome.output.contains("tproxy.yaml:"))
    }

    @Test func explainPrintsJSONOnRequest() async throws {
        let outcome = try await explain(
            "default", ["--to", "[2001:db8::1]:443", "--output", "json"])
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(object["outcome"] as? String == "redirected")
        #expect(object["port"] as? Int == 15001)
        #expect((object["steps"] as? [Any])?.isEmpty == false)
    }

    @Test func packetWithoutASocketIsRedirected() async throws {
        let outcome = try await explain("default", ["--to", "203.0.113.1:80", "--uid", "none"])
        #expect(outcome.output.contains("without a socket"))
        #expect(outcome.output.contains("redirected to port 15001"))
    }

    @Test func commandsPrintTheirHelp() async throws {
        for command in [
            "plan", "explain", "facts", "config", "apply", "status", "remove", "rehearse",
        ] {
            let help = try await Command.tproxy([command, "--help"])
            #expect(help.status == 0)
            #expect(help.output.hasPrefix("OVERVIEW:"))
        }
    }
}
