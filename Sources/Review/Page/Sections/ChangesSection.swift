extension PageSection {
    /// Creates the section with the changes of rules, the loaded form beside the planned one.
    static func changes(_ changes: ReviewChanges) -> PageSection {
        let notes = changes.notes.map { note -> HTML in "<p class=\"note\">\(note)</p>" }
        return PageSection(
            id: "changes", title: "What would change", name: "Changes",
            content: """
                \(heading(changes))
                \(notes)
                \(groups(changes.changes))
                \(listed(changes.listed))
                \(conflicts(changes.conflicts))
                """)
    }

    private static func heading(_ changes: ReviewChanges) -> HTML {
        switch changes.state {
        case .upToDate: "<p class=\"heading good\">\(changes.heading)</p>"
        case .differing: ""
        case .empty:
            """
            <p class="heading">\(changes.heading)</p>
            <p>Apply would add <a href="#rules">all of these rules</a>.</p>
            """
        case .unknown(let reason):
            """
            <p class="heading">\(changes.heading)</p>
            <p>Planned for an empty host: \(reason). Apply would add \
            <a href="#rules">all of these rules</a>, or change those that are loaded.</p>
            """
        }
    }

    private static func groups(_ changes: [ReviewChanges.Change]) -> [HTML] {
        var groups: [(list: String, changes: [ReviewChanges.Change])] = []
        for change in changes {
            if groups.last?.list == change.list {
                groups[groups.count - 1].changes.append(change)
            } else {
                groups.append((change.list, [change]))
            }
        }
        return groups.map { group in
            """
            <h3>\(.name(group.list))</h3>
            <ul class="changes">
            \(group.changes.map(item))
            </ul>
            """
        }
    }

    private static func item(_ change: ReviewChanges.Change) -> HTML {
        let content: HTML
        switch change.kind {
        case .added, .removed, .moved: content = line(change)
        case .changed where !change.added.isEmpty || !change.removed.isEmpty:
            content = "\(line(change))\n\(elements(change))"
        case .changed:
            content = """
                <p class="sign">\(sign(change))</p>
                <div class="sides">
                \(side("old", "loaded", change.former))
                \(side("new", "planned", change.planned))
                </div>
                """
        }
        return "<li class=\"\(change.kind.rawValue)\">\(content)</li>"
    }

    /// Returns the mark, the numbers, and for readers who can't see the mark, its meaning.
    private static func sign(_ change: ReviewChanges.Change) -> HTML {
        let number: HTML = change.label.isEmpty ? "" : " \(change.label)"
        return """
            <span class="mark" aria-hidden="true">\(change.kind.mark)</span>\
            <span class="spoken">\(change.kind.rawValue):</span>\(number)
            """
    }

    /// Returns a change with one form of the rule.
    private static func line(_ change: ReviewChanges.Change) -> HTML {
        guard let words = change.planned ?? change.former else { return "" }
        let moved: HTML =
            change.kind == .moved ? "<p class=\"reason\">is at another position</p>" : ""
        return """
            <p><span class="sign">\(sign(change))</span> \(self.words(words))</p>\
            \(reason(words))\(moved)
            """
    }

    private static func side(
        _ name: String, _ tag: String, _ words: ReviewChanges.Words?
    ) -> HTML {
        let content: HTML =
            words.map { "<p>\(self.words($0))</p>\(reason($0))" }
            ?? "<p>no rule for one of the families</p>"
        return "<div class=\"side \(name)\"><p class=\"tag\">\(tag)</p>\(content)</div>"
    }

    private static func words(_ words: ReviewChanges.Words) -> HTML {
        "\(words.condition): <strong>\(.name(words.action))</strong>"
    }

    private static func reason(_ words: ReviewChanges.Words) -> HTML {
        guard !words.reason.isEmpty else { return "" }
        let key: HTML = words.key.isEmpty ? "" : .key(words.key)
        return "<p class=\"reason\">\(words.reason) \(key)</p>"
    }

    private static func elements(_ change: ReviewChanges.Change) -> HTML {
        let added = change.added.map { element -> HTML in
            "<li class=\"added\">+ <span>\(element)</span></li>"
        }
        let removed = change.removed.map { element -> HTML in
            "<li class=\"removed\">\u{2212} <span>\(element)</span></li>"
        }
        return "<ul class=\"elements\" aria-label=\"Elements\">\n\(removed + added)\n</ul>"
    }

    /// Returns the lines of rules that aren't a plan's, in the colours of their marks.
    private static func listed(_ lines: [String]) -> HTML {
        guard !lines.isEmpty else { return "" }
        let texts = lines.map { line -> HTML in
            let style =
                switch line.first(where: { $0 != " " }) {
                case "+": "added"
                case "-": "removed"
                case "~", ">": "changed"
                case _: "same"
                }
            return "<span class=\"\(style)\">\(line)</span>"
        }
        return "<pre class=\"listed\">\n\(texts)\n</pre>"
    }

    private static func conflicts(_ conflicts: [String]) -> HTML {
        guard !conflicts.isEmpty else { return "" }
        let items = conflicts.map { conflict -> HTML in "<li>\(conflict)</li>" }
        return "<h3>Conflicts</h3>\n<ul class=\"conflicts\">\n\(items)\n</ul>"
    }
}
