import RuleIR

extension RuleMessages {
    /// Returns the action of the rule as text, with its meaning for colours.
    func action(_ rule: Rule, isBase: Bool) -> Span {
        Span(actionWords(rule, isBase: isBase), meaning(of: rule.action, isBase: isBase))
    }

    private func meaning(of action: Action, isBase: Bool) -> Span.Meaning {
        switch action {
        case .return: isBase ? .bypassed : .plain
        case .yieldToDockerDNS: .bypassed
        case .redirect: .redirected
        case .drop: .alarming
        case .jump, .log, .conntrackZone: .plain
        }
    }
}
