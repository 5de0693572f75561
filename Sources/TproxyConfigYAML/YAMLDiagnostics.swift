import Diagnostics

extension Diagnostic {
    /// Returns the error for a problem that libyaml or the reader reports, at its position.
    static func yaml(_ problem: YAMLProblem, in source: SourceText) -> Diagnostic {
        switch problem {
        case .malformed(let words, let mark): return invalidYAML(words, at: mark, in: source)
        case .unreadable(let words, let offset, let value):
            return invalidYAML("\(words), at byte \(offset) (value \(value))", at: nil, in: source)
        case .outOfMemory: return invalidYAML("out of memory", at: nil, in: source)
        case .nestedTooDeep(let limit, let mark):
            return .error(
                id: "nested-too-deep", "the file is nested deeper than \(limit) levels",
                at: SourceLocation(in: source, line: mark.line, column: mark.column, length: 1),
                help: "no key of the configuration is nested deeper than three")
        case .repeatedKey(let name, let mark):
            return .error(
                id: "repeated-key", "key '\(name)' is given twice",
                at: SourceLocation(in: source, line: mark.line, column: mark.column, length: 1),
                help: "keep one of the two")
        }
    }

    private static func invalidYAML(
        _ words: String, at mark: YAMLMark?, in source: SourceText
    ) -> Diagnostic {
        .error(
            id: "invalid-yaml", "the file is not valid YAML: \(words)",
            at: mark.map {
                SourceLocation(in: source, line: $0.line, column: $0.column, length: 1)
            } ?? SourceLocation(source: source.name),
            help: "check quotes, colons and indentation here")
    }
}
