import RuleIR

extension PageSection {
    /// Creates the table of sets, with the number of elements and the first ones.
    static func sets(_ ruleset: Ruleset) -> PageSection {
        let shown = 8
        let rows = ruleset.sets.map { set -> HTML in
            let texts = set.memberTexts(first: shown)
            let more = set.count - texts.count
            let rest = more > 0 ? " and \(more) more" : ""
            return """
                <tr><th scope="row"><code>\(.name(set.name.text))</code></th><td>\(set.count)</td>
                <td>\(texts.joined(separator: ", "))\(rest)</td></tr>
                """
        }
        return PageSection(
            id: "sets", title: "Sets",
            content: rows.isEmpty
                ? "<p>The rules have no sets.</p>"
                : """
                <table class="sets">
                <caption>The sets that rules look up</caption>
                <thead><tr><th scope="col">Set</th><th scope="col">Elements</th>\
                <th scope="col">First elements</th></tr></thead>
                <tbody>
                \(rows)
                </tbody>
                </table>
                """)
    }

    /// Creates the settings that differ from their defaults, and all others behind them.
    static func settings(_ review: Review) -> PageSection {
        let changed: HTML =
            review.changedSettings.isEmpty
            ? "<p>All settings have their defaults.</p>"
            : table("Settings that differ from their defaults", name: "Key", review.changedSettings)
        return PageSection(
            id: "settings", title: "Settings",
            content: """
                \(changed)
                <details><summary>All settings</summary>
                \(table("Every key with its value", name: "Key", review.settings))
                </details>
                """)
    }

    static func facts(_ rows: [Review.Row]) -> PageSection {
        PageSection(
            id: "facts", title: "Host facts", name: "Host",
            content: table("Host facts", name: "Fact", rows))
    }

    private static func table(_ caption: String, name: String, _ rows: [Review.Row]) -> HTML {
        let lines = rows.map { row -> HTML in
            """
            <tr><th scope="row">\(.key(row.name))</th>
            <td>\(row.value)<br><small>\(row.origin)</small></td></tr>
            """
        }
        return """
            <table class="pairs">
            <caption>\(caption)</caption>
            <thead><tr><th scope="col">\(name)</th><th scope="col">Value and origin</th></tr></thead>
            <tbody>
            \(lines)
            </tbody>
            </table>
            """
    }
}
