import Diagnostics
import TproxyOperations

/// The command line as the user typed it.
///
/// The excerpt of a diagnostic about a flag is `--flag value`, in whatever form the user wrote it.
struct TypedWords: Sendable {
    private let words: [String]

    init(_ words: [String]) { self.words = words }

    /// The command line for sh(1); words with other characters than those of names are quoted.
    var commandLine: String {
        (["tproxy"] + words.map { ShellWord.quoted($0, plain: ",:=@+") }).joined(separator: " ")
    }

    /// Returns the diagnostic with an excerpt that shows what was typed, and marks only that.
    ///
    /// The value of a switch such as `--verbose` may be missing; then the flag is marked.
    func placing(_ diagnostic: Diagnostic) -> Diagnostic {
        guard let place = diagnostic.location, place.source.hasPrefix("--"),
            let excerpt = place.excerpt, excerpt.line.hasPrefix(place.source + " ")
        else { return diagnostic }
        var diagnostic = diagnostic
        let flag = place.source
        guard words.contains(where: { $0 == flag || $0.hasPrefix(flag + "=") }) else {
            diagnostic.location = SourceLocation(source: flag)
            return diagnostic
        }
        let value = String(excerpt.line.dropFirst(flag.count + 1))
        if words.contains("\(flag)=\(value)") {
            diagnostic.location = SourceLocation(
                source: flag,
                excerpt: .init(
                    line: "\(flag)=\(value)", column: excerpt.column, length: excerpt.length))
        } else if !isTyped(flag, value) || value.isEmpty {
            diagnostic.location = SourceLocation(
                source: flag, excerpt: .init(line: flag, column: 1, length: flag.count))
        }
        return diagnostic
    }

    private func isTyped(_ flag: String, _ value: String) -> Bool {
        zip(words, words.dropFirst()).contains { $0.0 == flag && $0.1 == value }
    }
}
