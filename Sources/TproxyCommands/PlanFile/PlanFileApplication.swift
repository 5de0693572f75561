import Diagnostics
import HostFacts
import RuleIR
import RulesetDiff

/// Applies a plan that was made and reviewed earlier, or refuses where it no longer fits.
struct PlanFileApplication {
    private let name: String
    private let plan: PlanFile

    /// `name` is the file's.
    init(_ plan: PlanFile, name: String) {
        self.plan = plan
        self.name = name
    }

    /// Checks all that the plan was made from, then loads it.
    ///
    /// No other tproxy comes between the check and the change. Nothing keeps another program from it; what
    /// is loaded then is the plan all the same.
    func run(
        _ facts: FactsOptions, _ preflight: PreflightOptions, _ reporter: ApplyReporter,
        submission: Submission?
    ) throws {
        var made = try plan.plan(from: name)
        made.submission = submission
        let selection = made.backends
        let differences = FactsDifference.differences(
            from: plan.facts, to: try facts.load(for: made.config))
        guard differences.isEmpty else {
            throw CommandFailure(.factsChanged(name, differences))
        }
        // Another version may lower the same rules otherwise.
        let digest = try selection.digest(of: plan.ruleset, for: plan.backend)
        guard digest == plan.rulesDigest else {
            throw CommandFailure(.rulesLoweredOtherwise(name, plan.version))
        }
        let report = try selection.exclusively { () throws(CommandFailure) in
            try load(made, digest, preflight, reporter)
        }
        try reporter.finish(report)
    }

    private func load(
        _ made: Plan, _ digest: String, _ preflight: PreflightOptions, _ reporter: ApplyReporter
    ) throws(CommandFailure) -> ApplyReport {
        let selection = made.backends
        let move = try BackendMove(
            to: plan.backend, of: plan.ruleset.instance, selection, isAsked: false)
        let comparison = try Comparison(plan.ruleset, digest: digest, plan.backend, selection)
        try check(comparison)
        try selection.checkDockerChain(for: plan.ruleset, plan.backend)
        try preflight.check(made, plan.backend)
        return try move.run(reporter) { () throws(CommandFailure) in
            try RulesLoading(plan.ruleset, plan.backend, selection, move.openConnections)
                .run(comparison, reporter)
        }
    }

    /// What is loaded must be what was loaded then; the plan itself will do, too.
    private func check(_ comparison: Comparison) throws(CommandFailure) {
        if comparison.isSame { return }
        let installed = comparison.installed
        switch plan.loaded {
        case .unknown: throw CommandFailure(.unknownLoadedState(name))
        case .none:
            guard comparison.loaded == nil else {
                throw CommandFailure(
                    .loadedChanged(name, ["nothing was loaded, and \(words(installed)) is"]))
            }
        case .rules(let digest, let isIntact, let rules):
            guard let loaded = comparison.loaded else {
                throw CommandFailure(
                    .loadedChanged(name, ["rules were loaded, and nothing is"]))
            }
            var changes: [String] = []
            if let rules {
                changes = DifferenceLines(
                    RulesetDiff(from: rules, to: loaded.rules),
                    tables: rules.tables + loaded.rules.tables
                ).lines.filter { !$0.isEmpty }
            }
            let isSame =
                (installed?.digest ?? "") == digest && (installed?.isIntact ?? false) == isIntact
            guard changes.isEmpty, isSame else {
                let mark =
                    isSame ? [] : ["\(Self.words(digest, isIntact)) was, \(words(installed)) is"]
                throw CommandFailure(.loadedChanged(name, mark + changes))
            }
        }
    }

    private func words(_ installed: InstalledRuleset?) -> String {
        guard let installed else { return "what has lost its mark" }
        return Self.words(installed.digest, installed.isIntact)
    }

    private static func words(_ digest: String, _ isIntact: Bool) -> String {
        "digest \(digest.prefix(12))" + (isIntact ? "" : ", changed by hand,")
    }
}
