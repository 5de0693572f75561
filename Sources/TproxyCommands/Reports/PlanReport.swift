import Addressing
import Diagnostics
import Review
import RuleIR
import TproxyConfig
import TproxyOperations

/// The result of `plan` as JSON.
struct PlanReport: JSONReport {
    static let schema = "tproxy.plan/2"

    /// A rule as text, with its reason.
    struct RuleEntry: Encodable {
        /// The position in its list, from 1.
        var number: Int
        var condition: String
        var action: String
        var reason: String
        var key: String
        /// Where the user set the key, or `default`.
        var origin: String
    }

    /// One segment of a base chain.
    struct Segment: Encodable {
        /// `raw`, `mangle` or `nat`.
        var stage: String
        /// `prerouting` or `output`.
        var hook: String
        /// `first` runs before the rules of other programs, `last` after them.
        var segment: String
        var rules: [RuleEntry]
    }

    struct ChainEntry: Encodable {
        var name: String
        /// `raw`, `mangle` or `nat`.
        var stage: String
        var rules: [RuleEntry]
    }

    struct SetEntry: Encodable {
        var name: String
        var members: [String]
    }

    var name: String
    var instance: String
    var families: [String]
    var digest: String
    var segments: [Segment]
    var chains: [ChainEntry]
    var sets: [SetEntry]
    var loopbackAddress: String?
    /// The plan in words.
    var summary: [String]
    /// The changes that apply would make here; missing if the loaded rules weren't read.
    var changes: [ChangeReport]?
    /// The settings that differ from their defaults.
    var settings: [SettingsReport.Setting]
    /// The reasons why `apply` would refuse.
    var refusals: [String]
    /// The packets that are treated differently than by the loaded rules, if they can be read.
    var traffic: TrafficReport

    init(_ plan: Plan, _ choice: BackendChoice, _ state: PlanState) throws {
        traffic = TrafficReport(try plan.trafficChanges(from: state, by: choice.placement))
        let text = try PlanText(plan, choice, state)
        let ruleset = text.ruleset
        let origins = EffectiveConfiguration(plan.config)
        let words = RuleMessages(ruleset: ruleset)
        func entries(_ rules: [Rule], isBase: Bool) -> [RuleEntry] {
            rules.enumerated().map { index, rule in
                RuleEntry(
                    number: index + 1, condition: words.condition(rule.matches),
                    action: words.action(rule, isBase: isBase).text,
                    reason: rule.rationale.reason, key: rule.rationale.key,
                    origin: origins.origin(of: rule.rationale.key)?.description ?? "default")
            }
        }
        name = text.name
        instance = ruleset.instance.text
        families = ruleset.families.map(\.rawValue)
        digest = text.digest
        segments = ruleset.baseChains.flatMap { base in
            [("first", base.first), ("last", base.last)].filter { !$0.1.isEmpty }.map { segment in
                Segment(
                    stage: base.stage.rawValue, hook: base.hook.rawValue, segment: segment.0,
                    rules: entries(segment.1, isBase: true))
            }
        }
        chains = ruleset.chains.map {
            ChainEntry(
                name: $0.name.text, stage: $0.stage.rawValue,
                rules: entries($0.rules, isBase: false))
        }
        sets = ruleset.sets.map { SetEntry(name: $0.name.text, members: $0.memberTexts) }
        loopbackAddress = ReportedPrerequisites(ruleset.prerequisites).loopbackAddress
        summary = text.summary.sentences
        switch state {
        case .known(let comparison):
            changes = ChangeReport.all(of: PlanDifference(comparison, ruleset), ruleset)
        case .unknown: changes = nil
        }
        settings = text.settings.map {
            SettingsReport.Setting(key: $0.path, value: $0.value, origin: $0.origin)
        }
        refusals = text.refusals
    }
}

extension NamedSet {
    /// The members as the configuration writes them.
    var memberTexts: [String] {
        switch members {
        case .addresses(_, let members): members.map { "\($0.value)" }
        case .ports(let members): members.map { "\($0.value)" }
        case .ownedFlows(let members): members.map { "\($0.value)" }
        }
    }
}
