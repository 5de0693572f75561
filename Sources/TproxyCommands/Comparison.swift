import RuleIR
import RulesetDiff

/// A plan beside what one backend has loaded.
struct Comparison {
    let backend: BackendName
    /// The digest that the plan's rules would have.
    let digest: String
    /// Elements that both sides are known to have may be missing in both.
    let planned: FoundRules
    /// Nil when nothing of the instance is loaded.
    let loaded: LoadedRules?
    let diff: RulesetDiff
    let shadows: [Shadow]

    /// Reads what is loaded; changes nothing.
    ///
    /// `chains` are everybody's, for the shadows; none are looked for among no chains.
    init(
        _ ruleset: Ruleset, digest: String, _ name: BackendName, _ selection: BackendSelection,
        chains: [LoadedChain] = []
    ) throws(CommandFailure) {
        backend = name
        self.digest = digest
        do throws(BackendError) {
            let found = try selection.backend(name).beside(ruleset)
            planned = found.planned
            loaded = found.loaded
            shadows = Shadow.shadows(over: planned, loaded: loaded?.rules, chains: chains)
        } catch {
            throw CommandFailure(selection.diagnostic(of: error, from: name))
        }
        diff = RulesetDiff(from: loaded?.rules ?? FoundRules([]), to: planned)
    }

    /// Whether `apply` would leave everything as it is.
    var isSame: Bool {
        diff.isEmpty && installed?.isIntact == true && installed?.version == tproxyVersion
    }

    /// Nil when nothing is loaded, or nothing says that tproxy made it.
    var installed: InstalledRuleset? { loaded?.installed }
}
