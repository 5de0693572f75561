import Addressing
import LinuxHost
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import TproxyCommands

/// Real packets through rules that a real firewalld loaded.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FirewalldPacketTests {
    struct NotLoaded: Error, CustomStringConvertible {
        let description: String
    }

    /// These tests don't cover what the zones of firewalld accept.
    private static let open = "DefaultZone=trusted\n"

    private static let export =
        "export firewalld --config tproxy.yaml --facts facts.json --reload"

    /// Sends every packet of the scenario after `store` has run and a killed firewalld has loaded
    /// the rules again from the file.
    private func rehearse(
        _ scenario: Scenario, _ backend: FirewalldRig.Backend, settings: String,
        storing store: String = export
    ) throws -> (report: RehearsalReport, words: String) {
        try PrivateNamespace.require()
        let (config, facts) = (try scenario.config(), try scenario.facts())
        let ruleset = try scenario.compile().ruleset
        let setting = RehearsalSetting(
            proxyUser: facts.proxyUser, outboundPort: config.redirect.outbound.port.value,
            inboundPort: config.redirect.inbound.port.value,
            dnsPort: config.redirect.dns.port.value, resolvers: facts.resolvers, networks: [])
        let script = """
            \(FirewalldScript.setUp(settings: "FirewallBackend=\(backend.rawValue)\n\(Self.open)\(settings)"))
            \(FirewalldScript.start)
            cd '\(scenario.folder.path)'
            \(Command.tproxy) \(store)
            \(FirewalldScript.end("KILL"))
            iptables -t nat -F
            \(FirewalldScript.start)
            """
        var words = ""
        let results = try Rehearsal(
            setting, paths: PathGenerator.paths(for: ruleset, setting)
        ).run {
            // The rules stay in the network namespace when firewalld ends with its process
            // namespace.
            let run = try ToolRun(
                "/usr/bin/unshare",
                [
                    "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec",
                    script,
                ])
            words = run.output + run.errors
            guard run.status == 0 else { throw NotLoaded(description: words) }
        }
        return (RehearsalReport(results, RuleTrace(ruleset)), words)
    }

    @Test(
        arguments: Scenario.all.filter { ["dns-all", "exclusions"].contains($0.name) },
        FirewalldRig.Backend.allCases)
    func everyPacketArrivesWhereExplainSays(
        scenario: Scenario, backend: FirewalldRig.Backend
    ) throws {
        let (report, words) = try rehearse(scenario, backend, settings: "RFC3964_IPv4=no\n")
        #expect(report.isAsExpected, "\(report.text.text(on: .file))")
        #expect(!words.contains("firewalld-rejects-ipv6"), "\(words)")
    }

    /// The example of Kuma's documentation.
    @Test(arguments: FirewalldRig.Backend.allCases)
    func packetsOfKumasExampleArriveWhereExplainSays(backend: FirewalldRig.Backend) throws {
        let scenario = try #require(Scenario.all.first { $0.name == "dns-resolvers" })
        let (report, _) = try rehearse(
            scenario, backend, settings: "RFC3964_IPv4=no\n",
            storing: "install transparent-proxy --redirect-dns --store-firewalld"
                + " --facts facts.json")
        #expect(report.isAsExpected, "\(report.text.text(on: .file))")
    }

    /// firewalld's default breaks what the warning names, and nothing else.
    @Test(arguments: FirewalldRig.Backend.allCases)
    func defaultFirewalldRejectsRedirectedIPv6(backend: FirewalldRig.Backend) throws {
        let scenario = try #require(Scenario.all.first { $0.name == "default" })
        let (report, words) = try rehearse(scenario, backend, settings: "")
        #expect(!report.isAsExpected, "\(report.text.text(on: .file))")
        let wrong = report.lines.filter { !$0.isAsExpected }.map(\.path)
        #expect(
            !wrong.isEmpty
                && wrong.allSatisfy { $0.contains("IPv6 app") || $0.contains("IPv6 root") },
            "\(report.text.text(on: .file))")
        #expect(words.contains("[firewalld-rejects-ipv6]"), "\(words)")
    }
}
