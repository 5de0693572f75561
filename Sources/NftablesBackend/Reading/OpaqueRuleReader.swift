import JSON
import RuleIR

/// Reads a rule that the IR can't express.
struct OpaqueRuleReader {
    private let matches: [Match]
    private let read: ForeignStatements

    /// Reads `statements`, which follow the statements that `matches` has read.
    init(
        _ statements: ArraySlice<JSONValue>, behind matches: inout MatchReader,
        _ sets: ForeignSets
    ) {
        read = ForeignStatements(statements, behind: &matches, sets)
        self.matches = matches.matches
    }

    func rule(text: String, comment: String?) -> OpaqueRule {
        OpaqueRule(
            text: text, comment: comment, matches: matches, conditions: read.conditions,
            isComplete: read.isComplete, changes: read.changes, effect: read.effect)
    }
}
