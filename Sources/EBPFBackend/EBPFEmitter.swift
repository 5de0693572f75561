package import RuleIR

/// Lowers a ruleset to what the eBPF programs evaluate.
package struct EBPFEmitter: RulesetEmitter {
    package init() {}

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> ProgramPlan {
        try ProgramLowering.plan(of: ruleset)
    }
}
