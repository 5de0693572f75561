extension PageSection {
    /// The number of changes that are shown at once; the reader opens the rest.
    private static let shown = 8

    /// Creates the section with the packets that are treated differently.
    static func traffic(
        _ traffic: ReviewTraffic, _ state: ReviewChanges.State
    ) -> PageSection {
        PageSection(
            id: "traffic", title: "Traffic that changes", name: "Traffic",
            content: "\(content(traffic, state))\(doubts(traffic.doubts))")
    }

    private static func content(
        _ traffic: ReviewTraffic, _ state: ReviewChanges.State
    ) -> HTML {
        guard traffic.isKnown else {
            return "<p>Unknown: the rules divide packets into too many classes.</p>"
        }
        guard !traffic.changes.isEmpty else {
            let limit = traffic.doubts.isEmpty ? "" : ", as far as is known"
            return "<p class=\"good\">No packet is treated differently\(limit).</p>"
        }
        switch state {
        case .upToDate, .differing: return list(traffic.changes)
        case .empty, .unknown:
            return """
                <p>All that the plan redirects: without rules, nothing is.</p>
                <details><summary>\(ReviewPage.count(traffic.changes.count, "pattern"))</summary>
                \(items(traffic.changes))
                </details>
                """
        }
    }

    private static func list(_ changes: [ReviewTraffic.Change]) -> HTML {
        let rest = changes.dropFirst(shown)
        let more: HTML =
            rest.isEmpty
            ? ""
            : """
            <details><summary>\(rest.count) more</summary>
            \(items(Array(rest)))
            </details>
            """
        return "\(items(Array(changes.prefix(shown))))\n\(more)"
    }

    private static func items(_ changes: [ReviewTraffic.Change]) -> HTML {
        let items = changes.map { change -> HTML in
            let example: HTML =
                change.question.map { "<a href=\"\(Question($0).link)\">\(change.example)</a>" }
                ?? "\(change.example)"
            return """
                <li><p class="outcomes">\(change.pattern): <span class="\(style(of: change.before))">\(change.before)</span> \
                \u{2192} <strong class="\(style(of: change.after))">\(change.after)</strong></p>
                <p class="aside">such as \(example)</p></li>
                """
        }
        return "<ul class=\"traffic\">\n\(items)\n</ul>"
    }

    private static func style(of treatment: String) -> String {
        if treatment.hasPrefix("redirected") { return "proxy" }
        return treatment == "dropped" ? "dropped" : "passing"
    }

    private static func doubts(_ doubts: [String]) -> HTML {
        guard !doubts.isEmpty else { return "" }
        let items = doubts.prefix(shown).map { doubt -> HTML in "<li>\(doubt)</li>" }
        return """
            <p>Wrong for packets that match a rule of unknown effect:</p>
            <ul>
            \(items)
            </ul>
            """
    }
}
