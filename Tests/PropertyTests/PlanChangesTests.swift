import Addressing
import ConfigurationGenerator
import EBPFBackend
import Foundation
import HostFacts
import RuleCompiler
import RuleIR
import Testing
import TproxyConfig
import TproxyTestSupport

@testable import IptablesRules
@testable import NftablesBackend
@testable import RulesetDiff

/// A difference of two plans is found from what a backend has loaded, and names the rules that
/// differ and nothing else.
@Suite struct PlanChangesTests {
    /// The forms of the backends that can express all of these rules.
    private static func forms(of rulesets: Ruleset...) -> [PlanForm] {
        let areOfSockets = rulesets.allSatisfy { (try? EBPFEmitter().emit($0)) != nil }
        return [.nftables, .iptables] + (areOfSockets ? [.ebpf] : [])
    }

    /// The rules that a backend lists after it has loaded a plan.
    private static func listed(_ ruleset: Ruleset, _ form: PlanForm) throws -> ListedRules {
        switch form {
        case .nftables: try NftablesBackend(version: "1").expectedRules(ruleset)
        case .ebpf: try EBPFBackend(version: "1").expectedRules(ruleset)
        case .iptables:
            ListedRules(
                AddressFamily.allCases.flatMap { family in
                    ReadBack.tables(FamilyLowering.tables(of: ruleset, family), family)
                })
        }
    }

    /// Whatever a backend makes of a rule, it is read back as that rule.
    private static func expectSameRules(_ ruleset: Ruleset) throws {
        for form in forms(of: ruleset) {
            let rules = try listed(ruleset, form)
            for hasReasons in [true, false] where ruleset.hasComments || !hasReasons {
                let read = try #require(
                    NormalPlan(rules, hasReasons: hasReasons), "\(form) isn't a plan's")
                let plan = NormalPlan(ruleset, form, hasReasons: hasReasons)
                if !read.hasSameRules(as: plan) {
                    throw Broken("\(form): \(Self.differences(read, plan))")
                }
                #expect(read.located(in: plan) != nil)
            }
        }
    }

    /// Both ways: the differences of the plans, and those of what is loaded to what is planned.
    private static func expectExactChanges(
        from former: Ruleset, to planned: Ruleset, _ words: String
    ) throws {
        for form in forms(of: former, planned) {
            let found = try #require(
                try PlanChanges(
                    from: listed(former, form), to: listed(planned, form), of: planned),
                "\(words): \(form) isn't a plan's")
            guard former.hasComments, planned.hasComments else { continue }
            let expected = PlanChanges(from: former, to: planned, form: form)
            guard found.rules == expected.rules else {
                let lines = [found, expected].map { $0.rules.map(Self.words) }
                throw Broken("\(words), \(form):\n\(lines)")
            }
            var named: Set<RuleLocation> = []
            for change in found.rules where change.kind != .moved {
                named.formUnion(change.numbers.map { RuleLocation(change.list, $0 - 1) })
            }
            let differing = DifferingRules(from: former, to: planned, form)
            try Broken.unlessEqual(named, differing.planned, "\(words), \(form)")
            let namesFormer = found.rules.contains {
                $0.kind == .removed || ($0.kind == .changed && !$0.former.isEmpty)
            }
            try Broken.unlessEqual(
                namesFormer, differing.hasFormer, "\(words), \(form), former rules")
        }
    }

    private static func words(_ change: PlanChange) -> String {
        "\(change.kind) \(change.list) \(change.numbers) \(change.rules.map(\.rationale.reason))"
            + " \(change.former.map(\.matches)) +\(change.added) -\(change.removed)"
    }

    /// The lists that differ, as far as they do.
    private static func differences(_ read: NormalPlan, _ plan: NormalPlan) -> [String] {
        AddressFamily.allCases.flatMap { family in
            (plan.rules[family] ?? []).flatMap { list -> [String] in
                let planned = list.rules.map(\.rule)
                let found = read.rules(of: list.list, for: family).map(\.rule)
                return planned.filter { !found.contains($0) }.map { "planned \(list.list) \($0)" }
                    + found.filter { !planned.contains($0) }.map { "read \(list.list) \($0)" }
            }
        }
    }

    @Test func loadedRulesAreReadAsThePlansOwn() {
        GeneratedPlans.each(1000) { plan, _ in try Self.expectSameRules(plan.ruleset) }
    }

    @Test(arguments: Scenario.all)
    func loadedScenarioIsReadAsThePlansOwn(scenario: Scenario) throws {
        try Self.expectSameRules(scenario.compile().ruleset)
    }

    @Test func equalPlansHaveNoChanges() {
        GeneratedPlans.each(400) { plan, _ in
            for form in Self.forms(of: plan.ruleset) {
                let rules = try Self.listed(plan.ruleset, form)
                let changes = PlanChanges(from: rules, to: rules, of: plan.ruleset)
                try Broken.unlessEqual(changes?.isEmpty, true, "\(form)")
            }
        }
    }

    /// One setting is added, removed, or takes the value that it has in another configuration.
    @Test func oneSettingOfAGeneratedConfigurationChangesExactlyItsRules() {
        var previous: GeneratedPlan?
        var compared = 0
        GeneratedPlans.each(50) { plan, seed in
            var others = plan.configuration.reductions.filter {
                $0.facts == plan.configuration.facts
                    && $0.entries.count + 1 >= plan.configuration.entries.count
            }
            for entry in previous?.configuration.entries ?? [] {
                var other = plan.configuration
                if let index = other.entries.firstIndex(where: { $0.path == entry.path }) {
                    other.entries[index] = entry
                } else {
                    other.entries.append(entry)
                }
                others.append(other)
            }
            previous = plan
            for (index, other) in others.enumerated() {
                guard let changed = try? GeneratedPlan(other) else { continue }
                compared += 1
                let words = "seed \(seed), change \(index)\n\(other.yaml)"
                try Self.expectExactChanges(from: plan.ruleset, to: changed.ruleset, words)
                try Self.expectExactChanges(
                    from: changed.ruleset, to: plan.ruleset, "back, \(words)")
            }
        }
        #expect(compared > 200)
    }

    private static let settings = [
        "KUMA_DP_USER": "4242", "IP_FAMILY_MODE": "ipv4",
        "REDIRECT_OUTBOUND_PORT": "15099", "REDIRECT_INBOUND_PORT": "15098",
        "REDIRECT_DNS_PORT": "15097", "REDIRECT_DNS_ENABLED": "true",
        "REDIRECT_DNS_CAPTURE_ALL": "true", "REDIRECT_OUTBOUND_ENABLED": "false",
        "REDIRECT_INBOUND_ENABLED": "false",
        "REDIRECT_OUTBOUND_EXCLUDE_PORTS": "8080,9090",
        "REDIRECT_OUTBOUND_INCLUDE_PORTS": "80,443",
        "REDIRECT_INBOUND_EXCLUDE_PORTS": "22", "REDIRECT_INBOUND_INCLUDE_PORTS": "8080",
        "REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_IPS": "10.0.0.0/8,192.0.2.1,fd00:8::/64",
        "REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_IPS": "198.51.100.0/24,2001:db8::1",
        "REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_UIDS": "tcp:22:1000,udp:53:1001,*:*:2000-2010",
        "REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_UIDS": "tcp:80:1000",
        "REDIRECT_VNET_NETWORKS": "docker0:172.17.0.0/16,docker0:172.18.0.0/16,br+:fd00::/64",
        "REDIRECT_OUTBOUND_INSERT_REDIRECT_INSTEAD_OF_APPEND": "true",
        "REDIRECT_INBOUND_INSERT_REDIRECT_INSTEAD_OF_APPEND": "true",
        "REDIRECT_OUTBOUND_CHAIN_NAME": "OTHER", "REDIRECT_INBOUND_REDIRECT_CHAIN_NAME": "TO_PROXY",
        "DROP_INVALID_PACKETS": "true", "LOG_ENABLED": "true", "COMMENTS_DISABLED": "true",
    ]

    /// Every setting that affects rules, in every scenario.
    @Test(arguments: Scenario.all)
    func oneSettingOfAScenarioChangesExactlyItsRules(scenario: Scenario) throws {
        let yaml = try scenario.text
        let facts = try scenario.facts()
        let plan = try scenario.compile().ruleset
        for (name, value) in Self.settings {
            let variable = "KUMA_TRANSPARENT_PROXY_\(name)"
            let config = try Configuration.load(yaml, environment: [variable: value]).get().config
            let changed = Configuration.compile(config, on: facts).ruleset
            try Self.expectExactChanges(from: plan, to: changed, "\(name)=\(value)")
            try Self.expectExactChanges(from: changed, to: plan, "without \(name)=\(value)")
        }
    }
}

/// The rules of two plans that differ, found by comparing them one by one.
private struct DifferingRules {
    /// The planned rules that the former plan doesn't have.
    private(set) var planned: Set<RuleLocation> = []
    /// Whether the former plan has rules that aren't planned.
    private(set) var hasFormer = false

    init(from former: Ruleset, to planned: Ruleset, _ form: PlanForm) {
        let (old, new) = (PlanWords(former, form), PlanWords(planned, form))
        for family in AddressFamily.allCases {
            self.planned.formUnion(new.rules(for: family, missingIn: old))
            if !old.rules(for: family, missingIn: new).isEmpty { hasFormer = true }
        }
    }
}

/// A plan as texts, one for each rule and family.
private struct PlanWords {
    private var words: [AddressFamily: [(location: RuleLocation, list: String, text: String)]] = [:]
    private let families: [AddressFamily]

    init(_ ruleset: Ruleset, _ form: PlanForm) {
        let ruleset = form == .ebpf ? ruleset.ofSockets : ruleset
        families = ruleset.families
        for family in families {
            words[family] = ruleset.locatedRules.compactMap { location, rule in
                Self.text(rule, of: ruleset, for: family, form).map {
                    (location, Self.list(location, rule, form), $0)
                }
            }
        }
    }

    /// The locations of rules that `other` doesn't have.
    ///
    /// A family that only one of them has is compared with the other family.
    func rules(for family: AddressFamily, missingIn other: PlanWords) -> [RuleLocation] {
        let others: [String]
        if other.families.contains(family) {
            others = (other.words[family] ?? []).map { "\($0.list) \($0.text)" }
        } else {
            others = AddressFamily.allCases.filter { $0 != family }.flatMap { words[$0] ?? [] }
                .map { "\($0.list) \($0.text)" }
        }
        let known = Set(others)
        return (words[family] ?? []).filter { !known.contains("\($0.list) \($0.text)") }
            .map(\.location)
    }

    /// iptables and eBPF have one chain for both segments, and a bypass has the same effect in both.
    private static func list(
        _ location: RuleLocation, _ rule: Rule, _ form: PlanForm
    ) -> String {
        switch location.list {
        case .first(let stage, let hook), .last(let stage, let hook):
            form != .nftables || rule.action.isBypass
                ? "\(stage) \(hook)" : "\(location.list)"
        case .chain(let name): name.text.lowercased()
        }
    }

    private static func text(
        _ rule: Rule, of ruleset: Ruleset, for family: AddressFamily, _ form: PlanForm
    ) -> String? {
        var words: [String] = []
        for match in rule.matches {
            switch match {
            case .family(let only): guard only == family else { return nil }
            case .source(let test), .destination(let test):
                guard test.family == family else { return nil }
                let ranges = ranges(test, ruleset)
                // No packet matches the rule.
                let everything = AddressRange.all(of: family).map { [$0] } ?? []
                guard !test.isNegated || ranges != "\(everything)" else { return nil }
                let isSource = if case .source = match { true } else { false }
                words.append("\(isSource) \(test.isNegated) \(ranges)")
            case .destinationPort(let test): words.append("to \(ranges(test, ruleset))")
            case .sourcePort(let test): words.append("from \(ranges(test, ruleset))")
            case .ownedFlow(let name):
                guard case .ownedFlows(let members) = ruleset.set(named: name)?.members else {
                    continue
                }
                let flows = FlowRectangles(members.map(\.value)).rectangles
                    .filter { rule.transport == nil || rule.transport == $0.transport }
                // No packet matches the rule.
                guard !flows.isEmpty else { return nil }
                words.append("\(flows)")
            case .transport, .inputInterface, .outputInterface, .owner, .connectionState:
                words.append("\(match)")
            }
        }
        var action = "\(rule.action)".lowercased()
        if rule.action == .yieldToDockerDNS, form != .iptables || family == .ipv6 {
            action = "\(Action.return)".lowercased()
        }
        return "\(words.sorted()) \(action) \(rule.rationale)"
    }

    private static func ranges(_ test: AddressTest, _ ruleset: Ruleset) -> String {
        switch test.addresses {
        case .prefix(let prefix): return "\([prefix.range])"
        case .set(let name, _):
            guard case .addresses(_, let members) = ruleset.set(named: name)?.members else {
                return ""
            }
            return "\(AddressRange.merging(members.map(\.value.range)))"
        }
    }

    private static func ranges(_ test: PortTest, _ ruleset: Ruleset) -> String {
        switch test {
        case .port(let port): return "\([PortRange(port)])"
        case .set(let name):
            guard case .ports(let members) = ruleset.set(named: name)?.members else { return "" }
            return "\(PortRange.merging(members.map(\.value)))"
        }
    }
}

extension Scenario {
    /// The text of its configuration.
    fileprivate var text: String {
        get throws { try String(contentsOfFile: path(of: "tproxy.yaml"), encoding: .utf8) }
    }
}

extension NormalPlan {
    /// Whether both have the same rules for the same families.
    fileprivate func hasSameRules(as other: NormalPlan) -> Bool {
        families == other.families
            && families.allSatisfy { family in
                let own = rules[family] ?? []
                let theirs = other.rules[family] ?? []
                return own.count == theirs.count
                    && own.allSatisfy { list in
                        theirs.first { $0.list == list.list }?.rules.map(\.rule)
                            == list.rules.map(\.rule)
                    }
            }
    }
}
