import LinuxHost

/// Rules loaded for a moment where they harm nobody, to find the one that is refused.
package enum RestoreTrial {
    /// A rule that iptables-restore(8) would not take.
    package struct Refusal: Hashable, Sendable {
        /// 0-based, among the rules that were tried.
        package var rule: Int
        /// What is wrong with it; empty where the program says no more than that.
        package var words: String
    }

    /// Finds the first of `count` rules that `program`, iptables-restore(8) of some family, refuses.
    ///
    /// `document` makes a document of the first so many. Each is loaded into a network namespace that
    /// goes with the program: with `--test` it would pass over jumps to chains that aren't there. The
    /// lines that it names are of no use, since for these it names that of COMMIT. Nil when it takes
    /// all of them, or none for another reason. Needs CAP_SYS_ADMIN.
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

    /// What the program says of a document; nil when it takes it.
    private static func refusal(_ program: String, _ document: String) -> String? {
        guard let unshare = ProgramSearch.path(of: "unshare"),
            let run = try? ToolRun(unshare, ["--net", program, "--noflush"], input: document)
        else { return "" }
        return run.status == 0 ? nil : words(run.errors)
    }

    /// `Chain 'NOPE' does not exist` of `iptables-restore v1.8.9 (nf_tables): Chain 'NOPE' …`.
    private static func words(_ errors: String) -> String {
        guard let first = errors.split(whereSeparator: \.isNewline).first,
            let end = first.firstRange(of: "): ")
        else { return "" }
        return String(first[end.upperBound...])
    }
}
