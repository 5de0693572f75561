import HostFacts
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

/// The order of our rules among those of other programs, and warnings.
@Suite struct PlacementTests {
    @Test func jumpsAreAppendedUnlessInserted() throws {
        let appended = try Configuration.compile("").ruleset
        #expect(appended.baseChain(.nat, .output)?.first.isEmpty == true)
        #expect(appended.baseChain(.nat, .prerouting)?.last.count == 1)
        let inserted = try Configuration.compile(
            """
            redirect:
              inbound: {insertRedirectInsteadOfAppend: true}
              outbound: {insertRedirectInsteadOfAppend: true}
            """
        ).ruleset
        #expect(inserted.baseChain(.nat, .output)?.last.isEmpty == true)
        #expect(inserted.baseChain(.nat, .prerouting)?.first.count == 1)
    }

    /// Each family separately, as in Kuma.
    @Test func networksOfOneFamilyDontMoveTheOther() throws {
        let ruleset = try Configuration.compile(
            "redirect: {vnet: {networks: [\"br0:10.0.0.0/8\"]}}"
        ).ruleset
        let prerouting = try #require(ruleset.baseChain(.nat, .prerouting))
        #expect(prerouting.first.last?.matches.first == .family(.ipv4))
        #expect(prerouting.last.map { $0.matches.first } == [.family(.ipv6)])
    }

    /// Kuma appends it after its inserted rules, where few packets reach it.
    @Test func logRuleComesFirst() throws {
        let yaml = """
            log: {enabled: true, level: 4}
            redirect: {vnet: {networks: ["br0:10.0.0.0/8"]}}
            """
        let ruleset = try Configuration.compile(yaml).ruleset
        let level = try #require(LogLevel(4))
        #expect(
            ruleset.baseChain(.nat, .prerouting)?.first.first?.action
                == .log(prefix: .prerouting, level: level))
        #expect(
            ruleset.baseChain(.nat, .output)?.first.first?.action
                == .log(prefix: .output, level: level))
    }

    @Test func hostWithoutIPv6IsWarnedOf() throws {
        let facts = HostFacts(ipv6: .init(isUsable: false, reason: "no address"))
        let compilation = try Configuration.compile("", on: facts)
        #expect(compilation.warnings.map(\.id) == ["ipv6-not-redirected"])
        #expect(compilation.ruleset.families == [.ipv4])
        #expect(try Configuration.compile("ipFamilyMode: ipv4", on: facts).warnings.isEmpty)
    }

    @Test func chainHasTheConfiguredName() throws {
        let config = try Configuration.load(environment: [
            "KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_CHAIN_NAME": "ARRIVING"
        ]).get().config
        let ruleset = Configuration.compile(config).ruleset
        #expect(ruleset.chains.map(\.name.text).contains("ARRIVING"))
        try ruleset.check()
    }

    @Test(arguments: Scenario.all)
    func everyScenarioIsValid(scenario: Scenario) throws {
        try scenario.compile().ruleset.check()
    }

    /// With no pair of settings does the compiler emit rules that no backend can express.
    @Test(arguments: KeyCombination.all)
    func everyPairOfSettingsIsValid(combination: KeyCombination) throws {
        for facts in KeyCombination.facts {
            let ruleset = try Configuration.compile(combination.yaml, on: facts).ruleset
            try ruleset.check()
            for packet in try KeyCombination.packets() {
                _ = RuleTrace(ruleset).explain(packet)
            }
        }
    }
}

/// Two settings at once.
struct KeyCombination: Sendable, CustomTestStringConvertible {
    var yaml: String
    var testDescription: String { yaml }

    private static let settings = [
        ("inbound", "enabled: false"), ("inbound", "excludePorts: [22]"),
        ("inbound", "includePorts: [80]"),
        ("inbound", "excludePortsForIPs: [10.0.0.0/8, \"::/0\"]"),
        ("inbound", "excludePortsForUIDs: [\"tcp:80:5\"]"),
        ("inbound", "insertRedirectInsteadOfAppend: true"), ("outbound", "enabled: false"),
        ("outbound", "excludePorts: [22]"), ("outbound", "includePorts: [80]"),
        ("outbound", "excludePortsForIPs: [0.0.0.0/0]"),
        ("outbound", "excludePortsForUIDs: [\"udp::5\"]"),
        ("outbound", "insertRedirectInsteadOfAppend: true"), ("dns", "enabled: true"),
        ("dns", "captureAll: true"), ("dns", "skipConntrackZoneSplit: true"),
        ("vnet", "networks: [\"br+:10.0.0.0/8\", \"br+:10.1.0.0/16\", \"br+:fd00::/8\"]"),
    ]

    static let all: [KeyCombination] = settings.flatMap { one in
        settings.map { two in
            KeyCombination(
                yaml: one.0 == two.0
                    ? "redirect: {\(one.0): {\(one.1)\(one.1 == two.1 ? "" : ", \(two.1)")}}"
                    : "redirect: {\(one.0): {\(one.1)}, \(two.0): {\(two.1)}}")
        }
    }

    static let facts = [
        HostFacts(), HostFacts(hasDockerDNSChain: true),
        HostFacts(ipv6: .init(isUsable: false, reason: "no")),
    ]

    static func packets() throws -> [Packet] {
        [
            try .out(.tcp, to: "10.0.0.1", 80), try .out(.udp, to: "fd00::1", 53, uid: nil),
            try .in(.tcp, to: "10.0.0.1", 80), try .in(.udp, to: "fd00::1", 53, on: "br0"),
        ]
    }
}
