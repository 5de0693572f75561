import LinuxHost
import TextSearch

/// Loads rules into a temporary network namespace, to find the one that is refused.
package enum RestoreTrial {
    /// A rule that iptables-restore(8) refuses.
    package struct Refusal: Hashable, Sendable {
        /// The 0-based index among the rules.
        package var rule: Int
        /// The reason; empty if the program gives none.
        package var words: String
    }

    /// Finds the first of `count` rules that `program`, an iptables-restore(8), refuses.
    ///
    /// `document` returns a document with the given number of rules. Each document is loaded into a
    /// network namespace that exists as long as the program; `--test` would ignore jumps to missing
    /// chains. The line in the error is of no use, since for these it is that of COMMIT. Returns
    /// nil if all rules are accepted, or none for another reason. Requires CAP_SYS_ADMIN.
    package static func firstRefusal(
        _ program: String, count: Int, document: (Int) -> String
    ) -> Refusal? {
        guard refusal(program, document(0)) == nil, refusal(program, document(count)) != nil else {
            return nil
        }
        var taken = 0
        var refused = count
        while refused - taken > 1 {
            let middle = (taken + refused) / 2
            if refusal(program, document(middle)) == nil {
                taken = middle
            } else {
                refused = middle
            }
        }
        return Refusal(rule: taken, words: refusal(program, document(refused)) ?? "")
    }

    /// Returns the reason for which the program refuses a document; nil if it accepts it.
    private static func refusal(_ program: String, _ document: String) -> String? {
        guard let unshare = ProgramSearch.path(of: "unshare"),
            let run = try? ToolRun(unshare, ["--net", program, "--noflush"], input: document)
        else { return "" }
        return run.status == 0 ? nil : words(run.errors)
    }

    /// Returns `Chain 'NOPE' does not exist` of `iptables-restore v1.8.9 (nf_tables): Chain 'NOPE'
    /// …`.
    private static func words(_ errors: String) -> String {
        guard let first = errors.split(whereSeparator: \.isNewline).first,
            let words = first.dropping(through: "): ")
        else { return "" }
        return String(words)
    }
}
