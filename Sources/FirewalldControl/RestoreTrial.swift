import HostPrograms

/// Rules loaded for a moment where they harm nobody, to find the one that is refused.
package enum RestoreTrial {
    /// A line that iptables-restore(8) would not take.
    package struct Refusal: Hashable, Sendable {
        /// 1-based line of the document.
        package var line: Int
        /// What is wrong with it; empty where the program names the line and no more.
        package var words: String
    }

    /// Lets `program`, iptables-restore(8) of some family, load a document in a network namespace
    /// that goes with it.
    ///
    /// With `--test` it would pass over jumps to chains that aren't there. Nil when it takes the
    /// document, names no line, or can't be started. Needs CAP_SYS_ADMIN.
    package static func firstRefusal(_ program: String, _ document: String) -> Refusal? {
        guard let unshare = ProgramSearch.path(of: "unshare"),
            let run = try? ToolRun(unshare, ["--net", program, "--noflush"], input: document),
            run.status != 0,
            let found = run.errors.firstMatch(of: /line:? ([0-9]+)/), let line = Int(found.1)
        else { return nil }
        return Refusal(line: line, words: words(run.errors))
    }

    /// `Chain 'NOPE' does not exist` of `iptables-restore v1.8.9 (nf_tables): Chain 'NOPE' …`.
    private static func words(_ errors: String) -> String {
        guard let first = errors.split(whereSeparator: \.isNewline).first,
            let end = first.firstRange(of: "): ")
        else { return "" }
        return String(first[end.upperBound...])
    }
}
