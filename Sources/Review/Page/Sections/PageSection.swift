import Diagnostics

/// A section of the page with a heading.
struct PageSection {
    /// The identifier that links refer to, of letters only.
    let id: String
    let title: String
    /// The title in the list of sections.
    let name: String
    let content: HTML

    init(id: String, title: String, name: String? = nil, content: HTML) {
        self.id = id
        self.title = title
        self.name = name ?? title
        self.content = content
    }

    var html: HTML {
        """
        <section id="\(id)" aria-labelledby="\(id)-heading">
        <h2 id="\(id)-heading">\(title)</h2>
        \(content)
        </section>
        """
    }
}

extension PageSection {
    /// Creates the section with the plan in words.
    static func summary(_ review: Review) -> PageSection {
        let summary = ReviewSummary(review.ruleset)
        let losesSSH = summary.ssh.contains { $0.redirectedTo != nil }
        let lines = summary.sentences.map { sentence -> HTML in
            losesSSH && sentence.hasPrefix("SSH ")
                ? "<li class=\"dropped\">\(sentence)</li>" : "<li>\(sentence)</li>"
        }
        return PageSection(
            id: "summary", title: "What the plan does", name: "Summary",
            content: "<ul class=\"summary\">\n\(lines)\n</ul>")
    }

    /// Creates the section with the warnings, and with the findings on the host if there are any.
    static func warnings(_ review: Review) -> PageSection {
        let findings = review.preflight ?? []
        let all = review.warnings + findings
        let sorted =
            all.filter { $0.severity == .error } + all.filter { $0.severity == .warning }
            + all.filter { $0.severity == .note }
        let alarming = sorted.count { $0.severity != .note }
        let none: HTML = alarming == 0 ? "<p class=\"good\">No warnings.</p>" : ""
        let preflight: HTML =
            review.preflight == nil
            ? """
            <p class="aside">The preflight didn't run; \
            <code>tproxy preflight</code> on the host names conflicts.</p>
            """ : ""
        return PageSection(
            id: "warnings", title: "Warnings",
            content: "\(none)\(sorted.isEmpty ? "" : list(sorted))\(preflight)")
    }

    private static func list(_ diagnostics: [Diagnostic]) -> HTML {
        let items = diagnostics.map { diagnostic -> HTML in
            let place: HTML = diagnostic.location.map { " (<code>\("\($0)")</code>)" } ?? ""
            let notes = diagnostic.notes.map { note -> HTML in "<p>\(note)</p>" }
            let help: HTML = diagnostic.help.map { "<p><strong>Remedy:</strong> \($0)</p>" } ?? ""
            return """
                <li class="\(diagnostic.severity.rawValue)">
                <p><strong>\(diagnostic.severity.rawValue):</strong> \(diagnostic.message)\(place)</p>
                \(notes)\(help)
                </li>
                """
        }
        return "<ul class=\"findings\">\n\(items)\n</ul>"
    }
}
