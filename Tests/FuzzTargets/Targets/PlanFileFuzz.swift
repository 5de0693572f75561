import RuleIR
import TproxyCommands

extension FuzzTarget {
    /// A plan file whose digest is valid: anyone who writes a plan file can compute it.
    static let planFile = FuzzTarget(name: "plan-file") { bytes in
        guard let text = bytes.text else { return }
        switch CommandInput.sealedPlan(text) {
        case .failure(let problem):
            try promise(!problem.diagnostics.isEmpty, "refused without a diagnostic")
            try ReadableDiagnostics.check(problem.diagnostics)
        case .success(let ruleset): try RulesetInvariants.check(ruleset)
        }
    }
}
