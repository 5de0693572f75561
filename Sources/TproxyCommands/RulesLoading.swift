import IptablesRules
import NftablesBackend
import RuleIR

/// Puts rules into the kernel and says so.
struct RulesLoading {
    private let ruleset: Ruleset
    private let backend: BackendName
    private let selection: BackendSelection

    init(_ ruleset: Ruleset, _ backend: BackendName, _ selection: BackendSelection) {
        self.ruleset = ruleset
        self.backend = backend
        self.selection = selection
    }

    /// Beside the plan, the rules of ours that it would change; nil where there are none, and where the
    /// same are loaded.
    ///
    /// What isn't marked as ours is refused, and not changed.
    func change() throws(CommandFailure) -> Comparison? {
        let digest = try ruleset.digest(for: backend)
        do throws(BackendError) {
            let installed = try selection.backend(backend).installed(ruleset.instance)
            guard let installed else { return nil }
            let isSame = installed.digest == digest && installed.version == tproxyVersion
            if isSame, installed.isIntact { return nil }
        } catch {
            if case .foreignObject = error { return nil }
            throw CommandFailure(selection.diagnostic(of: error, from: backend))
        }
        return try Comparison(ruleset, digest: digest, backend, selection)
    }

    /// Says on stderr what of ours is about to change, since stdout is for what was done; then does it.
    func run(
        _ comparison: Comparison?, _ reporter: ApplyReporter
    ) throws(CommandFailure) -> ApplyReport {
        if let comparison, comparison.installed != nil, !comparison.isSame {
            Console.note(DiffText(comparison).report)
        }
        do throws(BackendError) {
            let outcome = try selection.backend(backend).apply(ruleset)
            reporter.say(ApplySummary(outcome: outcome, ruleset: ruleset).text)
            return ApplyReport(outcome, of: ruleset)
        } catch {
            throw CommandFailure(selection.diagnostic(of: error, from: backend))
        }
    }
}

extension Ruleset {
    /// The digest that the rules would have in the kernel.
    func digest(for backend: BackendName) throws(CommandFailure) -> String {
        do throws(RulesetProblem) {
            return switch backend {
            case .nft: try NftablesEmitter(version: tproxyVersion).digest(of: self)
            case .iptablesNft, .iptablesLegacy: try IptablesEmitter().emit(self).digest
            }
        } catch {
            throw CommandFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }
}
