import Addressing
import Diagnostics
import HostFacts
package import RuleIR
import RulesetDiff

/// Applies a plan that was made and reviewed earlier, or refuses if it no longer fits.
package struct PlanFileApplication {
    private let name: String
    private let file: PlanFile
    private let plan: Plan
    private let tell: (ApplyEvent) -> Void

    /// Reads the file at `path`.
    ///
    /// `submission` forces a way to submit nf_tables transactions; nil selects it. `tell` receives
    /// the events of the run.
    package init(
        _ path: String, submission: Submission?, tell: @escaping (ApplyEvent) -> Void
    ) throws(OperationFailure) {
        name = path
        file = try PlanFile.read(path)
        var plan = try file.plan(from: path)
        plan.submission = submission
        self.plan = plan
        self.tell = tell
    }

    /// Throws unless every assertion of the file at `path` is proved for the plan.
    package func require(_ path: String) throws(OperationFailure) {
        try AssertionCheck.require(path, of: plan)
    }

    /// Checks all input that the plan was made from, then loads the plan.
    ///
    /// `factsPath` is a file of facts, or nil for those of this host. Throws if anything has
    /// changed. No other tproxy can change the rules between the check and the load. Another
    /// program can; the loaded rules are the plan's in any case.
    package func run(
        facts factsPath: String?, _ policy: PreflightPolicy, confirm: Duration? = nil
    ) throws(OperationFailure) -> AppliedPlan {
        let reading = try FactsReading(factsPath, for: plan.config)
        let notices =
            file.warnings.map { Diagnostic.recordedWarning($0, in: name) } + reading.notices
        tell(.notices(notices))
        let differences = FactsDifference.differences(from: file.facts, to: reading.facts)
        guard differences.isEmpty else {
            throw OperationFailure(.factsChanged(name, differences))
        }
        let selection = plan.backends
        let backend = try selection.backend(file.backend)
        // Another version may lower the same rules differently.
        let digest = try backend.validDigest(of: file.ruleset)
        guard digest == file.rulesDigest else {
            throw OperationFailure(.rulesLoweredOtherwise(name, file.version))
        }
        return try selection.exclusively { () throws(OperationFailure) in
            try load(backend, selection, digest, policy, after: notices, confirm)
        }
    }

    private func load(
        _ backend: any Backend, _ selection: BackendSelection, _ digest: String,
        _ policy: PreflightPolicy, after notices: [Diagnostic], _ confirm: Duration?
    ) throws(OperationFailure) -> AppliedPlan {
        try PendingDecision.refuseSecond()
        let move = try BackendMove(
            to: backend, of: file.ruleset.instance, selection, isAsked: false)
        tell(.notices(move.notices))
        let comparison = try Comparison(file.ruleset, digest: digest, backend)
        try check(comparison)
        try backend.checkHost(for: file.ruleset)
        try policy.check(plan, backend.name, after: notices + move.notices) { tell(.notices($0)) }
        return try ConfirmedLoading.run(
            within: confirm, file.ruleset, backend, selection, tell
        ) { () throws(OperationFailure) in
            try move.run(tell) { () throws(OperationFailure) in
                try RulesLoading(file.ruleset, backend, selection, move.openConnections, policy)
                    .run(comparison, tell)
            }
        }
    }

    /// Throws unless the recorded rules are loaded, or already the plan's.
    private func check(_ comparison: Comparison) throws(OperationFailure) {
        if comparison.isSame { return }
        let installed = comparison.installed
        switch file.loaded {
        case .unknown: throw OperationFailure(.unknownLoadedState(name))
        case .none:
            guard comparison.loaded == nil else {
                throw OperationFailure(
                    .loadedChanged(name, ["nothing was loaded, and \(words(installed)) is"]))
            }
        case .rules(let digest, let isIntact, let rules):
            guard let loaded = comparison.loaded else {
                throw OperationFailure(
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
                throw OperationFailure(.loadedChanged(name, mark + changes))
            }
        }
    }

    private func words(_ installed: InstalledRuleset?) -> String {
        guard let installed else { return "a ruleset without its mark" }
        return Self.words(installed.digest, installed.isIntact)
    }

    private static func words(_ digest: String, _ isIntact: Bool) -> String {
        "digest \(digest.prefix(12))" + (isIntact ? "" : ", changed by hand,")
    }
}

/// A fact that differs from the plan's.
struct FactsDifference {
    /// The name of the fact in `tproxy facts`.
    var fact: String
    var then: String
    var now: String

    var words: String { "\(fact) was \(then) and is \(now)" }

    /// Returns the differences in the facts that rules depend on.
    ///
    /// The text that explains IPv6's state isn't one of them.
    static func differences(from then: HostFacts, to now: HostFacts) -> [FactsDifference] {
        let facts: [(name: String, value: (HostFacts) -> String)] = [
            ("proxyUser", { "\($0.proxyUser)" }),
            ("loopback", { "\($0.loopback)" }),
            ("resolvers", { list($0.resolvers) }),
            ("ipv6.isUsable", { "\($0.ipv6.isUsable)" }),
            ("hasDockerDNSChain", { "\($0.hasDockerDNSChain)" }),
        ]
        return facts.compactMap { name, value in
            let former = value(then)
            let new = value(now)
            return former == new ? nil : FactsDifference(fact: name, then: former, now: new)
        }
    }

    private static func list(_ addresses: [IPAddress]) -> String {
        addresses.isEmpty ? "none" : addresses.map(\.description).joined(separator: ", ")
    }
}
