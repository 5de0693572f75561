import Diagnostics

/// A section of the page with a heading.
struct PageSection {
    /// The identifier that links refer to, of letters only.
    let id: String
    let title: String
    let content: HTML

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
    /// Creates the section with the packet paths, hook by hook.
    static func pictures(_ flow: PacketFlow) -> PageSection {
        let drawing = SVGText(flow)
        let figures = flow.lanes.map { lane -> HTML in
            """
            <figure>
            <figcaption>\(lane.title)</figcaption>
            \(HTML(trusted: drawing.element(of: lane)))</figure>
            """
        }
        return PageSection(
            id: "flow", title: "Packet path",
            content: """
                <p>Read from the top. The first rule that matches a packet decides; \
                the section <a href="#rules">Rules and reasons</a> has the same rules as text.</p>
                <div class="figures">
                \(figures)
                </div>
                """)
    }

    static func warnings(_ diagnostics: [Diagnostic]) -> PageSection {
        PageSection(id: "warnings", title: "Warnings", content: list(diagnostics))
    }

    /// Creates the section with the preflight findings of the host.
    static func preflight(_ findings: [Diagnostic]) -> PageSection {
        PageSection(
            id: "preflight", title: "Preflight findings",
            content: findings.isEmpty
                ? "<p>No conflicts with these rules.</p>" : list(findings))
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
