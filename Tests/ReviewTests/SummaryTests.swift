import Addressing
import Review
import RuleCompiler
import RuleIR
import Testing
import TproxyTestSupport

/// A plan in words.
@Suite struct SummaryTests {
    private func sentences(_ yaml: String) throws -> [String] {
        ReviewSummary(try Configuration.compile(yaml).ruleset).sentences
    }

    @Test func defaultsRedirectTCPAlone() throws {
        #expect(
            try sentences("kumaDPUser: 5678") == [
                "Outgoing TCP → 15001, except UID 5678.", "Incoming TCP → 15006.",
                "DNS is not redirected.", "SSH is REDIRECTED to 15006.",
            ])
    }

    @Test func exclusionsAreNamedOrCounted() throws {
        let yaml = """
            kumaDPUser: 5678
            redirect:
              inbound: {excludePorts: [22], excludePortsForIPs: [198.51.100.0/24]}
              outbound:
                excludePorts: [22, 3306]
                excludePortsForIPs: [10.0.0.0/8, "fd00::/8"]
                excludePortsForUIDs: ["1000-1009"]
              dns: {enabled: true, captureAll: true}
            """
        #expect(
            try sentences(yaml) == [
                "Outgoing TCP → 15001, except UID 5678, UIDs 1000-1009, ports 22 and 3306,"
                    + " 2 networks.",
                "Incoming TCP → 15006, except port 22, network 198.51.100.0/24.",
                "DNS → 15053.", "SSH is not redirected.",
            ])
    }

    @Test(arguments: [
        ("redirect: {outbound: {enabled: false}}", "Outgoing TCP is not redirected."),
        ("redirect: {inbound: {enabled: false}}", "Incoming TCP is not redirected."),
        (
            "redirect: {outbound: {includePorts: [80, 443]}}",
            "Outgoing TCP to ports 80 and 443 → 15001, except UID 5678."
        ),
        ("redirect: {outbound: {excludePorts: [1, 3, 5, 7, 9]}}", "5 ports"),
        ("redirect: {vnet: {networks: [\"docker0:172.17.0.0/16\"]}}", "From docker0: TCP → 15001."),
        ("dropInvalidPackets: true", "Packets with an invalid state are dropped."),
        ("ipFamilyMode: ipv4", "IPv6 is not redirected."),
    ])
    func settingsAreNamed(setting: String, sentence: String) throws {
        let text = try sentences("kumaDPUser: 5678\n\(setting)").joined(separator: " ")
        #expect(text.contains(sentence), "\(text)")
    }

    /// SSH is asked of the rules, so that a limit on other ports counts, too.
    @Test func sshIsWhatTheRulesDo() throws {
        let included = try sentences("redirect: {inbound: {includePorts: [8080]}}")
        #expect(included.last == "SSH is not redirected.")
        // Clients in excluded networks are exceptions, and don't make SSH safe.
        let excluded = try sentences(
            "redirect: {inbound: {excludePortsForIPs: [198.51.100.0/24]}}")
        #expect(excluded.last == "SSH is REDIRECTED to 15006.")
    }

    @Test(arguments: Scenario.all)
    func everyScenarioHasASentenceForEachKind(scenario: Scenario) throws {
        let summary = ReviewSummary(try scenario.compile().ruleset)
        #expect(summary.sentences.count >= 4)
        #expect(summary.lines.joined(separator: " ") == summary.text)
    }
}
