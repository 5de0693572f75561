import RuleIR

extension PageSection {
    /// Creates the table of all rules, with their targets, reasons, keys and origins.
    static func rules(_ review: Review) -> PageSection {
        let lanes = review.flow.lanes.map { lane -> HTML in
            let titles = Dictionary(uniqueKeysWithValues: lane.nodes.map { ($0.id, $0.title) })
            let tables = lane.nodes.filter { !$0.rows.isEmpty }.map { node in
                table(of: node, titles: titles, originOf: review.originOf)
            }
            let isEmpty: HTML = tables.isEmpty ? "<p>No rule is on this hook.</p>" : ""
            return "<h3>\(lane.title)</h3>\n\(isEmpty)\(tables)"
        }
        return PageSection(id: "rules", title: "Rules and reasons", content: "\(lanes)")
    }

    private static func table(
        of node: FlowNode, titles: [String: String], originOf: (String) -> String
    ) -> HTML {
        let rows = node.rows.map { row -> HTML in
            let onward = [row.effect, row.target.flatMap { titles[$0] }].compactMap(\.self)
            return """
                <tr><th scope="row">\(row.number)</th>
                <td>\(row.condition)<br><strong>\u{2192} \(.name(onward.joined(separator: ", ")))</strong></td>
                <td>\(row.rationale.reason)<br>\(.key(row.rationale.key))<br>\
                <small>\(originOf(row.rationale.key))</small></td></tr>
                """
        }
        let otherwise: HTML =
            node.otherwise.flatMap { titles[$0] }.map { "<p>Otherwise: \($0).</p>" } ?? ""
        let subtitle: HTML = node.subtitle.map { "<br><small>\($0)</small>" } ?? ""
        return """
            <table class="rules">
            <caption>\(node.title)\(subtitle)</caption>
            <thead><tr><th scope="col"><abbr title="Number">#</abbr></th>\
            <th scope="col">Match and verdict</th><th scope="col">Reason, key, origin</th></tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table>
            \(otherwise)
            """
    }

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

    static func settings(_ rows: [Review.Row]) -> PageSection {
        PageSection(
            id: "settings", title: "Effective settings",
            content: table("Every key with its value", name: "Key", rows))
    }

    static func facts(_ rows: [Review.Row]) -> PageSection {
        PageSection(
            id: "facts", title: "Host facts",
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

    /// Creates the section with the changes to the loaded rules.
    static func comparison(_ comparison: Review.Comparison) -> PageSection {
        PageSection(
            id: "changes", title: "What would change",
            content: "<p>\(comparison.summary)</p>\n\(changes(comparison.changes))")
    }

    private static func changes(_ changes: [Review.Comparison.Change]) -> HTML {
        guard !changes.isEmpty else { return "" }
        let rows = changes.map { change -> HTML in
            """
            <tr><th scope="row">\(change.kind)</th>
            <td>\(change.place)<br>\(change.text)</td></tr>
            """
        }
        return """
            <table class="changes">
            <caption>Changes</caption>
            <thead><tr><th scope="col">Change</th><th scope="col">Where and what</th></tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table>
            """
    }
}
