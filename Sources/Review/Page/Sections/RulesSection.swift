import RuleIR

extension PageSection {
    /// Creates the tables of all rules: what they lead to, their reasons, keys and origins.
    static func rules(_ review: Review) -> PageSection {
        var known: Set<String> = []
        let lanes = review.flow.lanes.map { lane -> HTML in
            let nodes = Dictionary(uniqueKeysWithValues: lane.nodes.map { ($0.id, $0) })
            let tables = lane.nodes.filter { !$0.rows.isEmpty }.map { node -> HTML in
                // A chain that both hooks reach has an identifier at its first table.
                let anchor = node.list.map { RuleAnchor.of($0) } ?? node.id
                let isFirst = known.insert(anchor).inserted
                return RuleTable(
                    node: node, nodes: nodes,
                    anchor: isFirst ? anchor : "\(anchor)-\(lane.hook.rawValue)",
                    originOf: review.originOf
                ).html
            }
            let isEmpty: HTML = tables.isEmpty ? "<p>No rule is on this hook.</p>" : ""
            return "<div>\n<h3>\(lane.title)</h3>\n\(isEmpty)\(tables)</div>"
        }
        return PageSection(
            id: "rules", title: "Rules and reasons", name: "Rules",
            content:
                "<p>\(contents(of: review.ruleset))</p>\n<div class=\"lanes\">\n\(lanes)\n</div>")
    }
}

extension PageSection {
    /// Returns the numbers of rules and sets.
    fileprivate static func contents(of ruleset: Ruleset) -> String {
        let rules = ReviewPage.count(ruleset.locatedRules.count, "rule")
        return "\(rules) and \(ReviewPage.count(ruleset.sets.count, "set"))."
    }
}

/// The rules of one chain or segment on one hook.
private struct RuleTable {
    let node: FlowNode
    let nodes: [String: FlowNode]
    let anchor: String
    let originOf: (String) -> String

    var html: HTML {
        let subtitle: HTML = node.subtitle.map { "<br><small>\($0)</small>" } ?? ""
        let otherwise: HTML =
            node.otherwise.flatMap { nodes[$0] }.map { target in
                """
                <tr class="otherwise"><th scope="row"><abbr title="All other packets">*</abbr></th>
                <td colspan="2">otherwise <strong>\u{2192} \(.name(target.name))</strong></td></tr>
                """
            } ?? ""
        return """
            <table class="rules" id="\(anchor)" data-list="\(node.list.map { "\($0)" } ?? "")">
            <caption>\(.name(node.title))\(subtitle)</caption>
            <thead><tr><th scope="col"><abbr title="Number">#</abbr></th>\
            <th scope="col">Match and verdict</th><th scope="col">Reason, key, origin</th></tr></thead>
            <tbody>
            \(node.rows.map(row))
            \(otherwise)
            </tbody>
            </table>
            """
    }

    private func row(_ row: FlowRow) -> HTML {
        """
        <tr id="\(anchor)-\(row.numbers.lowerBound)" tabindex="-1" \
        data-number="\(row.numbers.lowerBound)" data-last="\(row.numbers.upperBound)">\
        <th scope="row">\(row.label)</th>
        <td>\(row.condition)<br>\(verdict(row))</td>
        <td>\(row.rationale.reason)<br>\(.key(row.rationale.key))<br>\
        <small>\(originOf(row.rationale.key))</small></td></tr>
        """
    }

    /// Returns the action, and what it leads to if its name doesn't say it.
    private func verdict(_ row: FlowRow) -> HTML {
        guard let target = row.target.flatMap({ nodes[$0] }) else {
            return "<strong>\(.name(row.action))</strong>"
        }
        switch target.kind {
        case .chain:
            let link = target.list.map { RuleAnchor.of($0) } ?? target.id
            return "<strong><a href=\"#\(link)\">\(.name(row.action))</a></strong>"
        case .end(.proxy), .end(.dropped):
            return "<strong class=\"\(target.style.rawValue)\">\(.name(row.action))</strong>"
        case .end(.dockerDNS), .end(.afterJump), .end(.notRedirected), .origin, .socket,
            .segment:
            return """
                <strong class="\(target.style.rawValue)">\(.name(row.action)) \u{2192} \
                \(.name(target.name))</strong>
                """
        }
    }
}
