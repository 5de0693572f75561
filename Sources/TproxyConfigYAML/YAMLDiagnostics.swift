import Diagnostics
import Yams

extension Diagnostic {
    /// What Yams says, at the place it says it of.
    static func yaml(_ error: YamlError, in lines: SourceLines) -> Diagnostic {
        let words: String
        let mark: Mark?
        switch error {
        case .scanner(_, let problem, let place, _), .parser(_, let problem, let place, _),
            .composer(_, let problem, let place, _):
            words = problem
            mark = place
        case .reader(let problem, let offset, let value, _):
            words = "\(problem)\(offset.map { ", at byte \($0)" } ?? "") (value \(value))"
            mark = nil
        case .duplicatedKeysInMapping(let duplicates, let context):
            return .error(
                id: "repeated-key",
                "key '\(duplicates.first ?? "")' is given twice",
                at: lines.location(
                    line: context.mark.line, column: context.mark.column,
                    length: 1), help: "keep one of the two")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            words = "\(error)"
            mark = nil
        }
        return .error(
            id: "invalid-yaml", "the file is not valid YAML: \(words)",
            at: mark.map { lines.location(line: $0.line, column: $0.column, length: 1) }
                ?? SourceLocation(source: lines.source),
            help: "look at quotes, colons and indentation around this place")
    }
}
