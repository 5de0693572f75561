import RuleIR

/// A review as one HTML file that needs no network and no other file.
package struct ReviewPage {
    /// The maximum number of set elements of a page with the box that explains packets.
    ///
    /// A hundred thousand elements are about 3 MB.
    package static let elementLimit = 100_000

    private static let script: String = {
        let files = [
            PackageResources.addresses_js, PackageResources.sets_js, PackageResources.trace_js,
            PackageResources.packet_js, PackageResources.box_js,
        ].map { String(decoding: $0, as: UTF8.self) }
        return "\"use strict\";\n(() => {\n" + files.joined(separator: "\n") + "})();\n"
    }()

    private static let style =
        String(decoding: PackageResources.page_css, as: UTF8.self) + SVGText.styleSheet

    private let review: Review

    package init(_ review: Review) {
        self.review = review
    }

    package var text: String {
        let policy = ContentPolicy.text(style: Self.style, script: Self.script)
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>\(HTML(trusted: Self.style))</style>
            </head>
            <body>
            <a class="skip" href="#main">Skip to the content</a>
            <header>
            <h1>\(title)</h1>
            <p>\(summary)</p>
            <p>Digest <code class="digest">\(review.digest)</code></p>
            <nav aria-label="Sections"><ul>
            \(sections.map { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" })
            </ul></nav>
            </header>
            <main id="main" tabindex="-1">
            \(sections.map(\.html))
            </main>
            <footer><p>Made by tproxy \(review.version). This page needs no network and sends nothing.</p></footer>
            \(explainer)</body>
            </html>
            """
        return page.markup + "\n"
    }

    private var title: String { "Review of \(review.name)" }

    private var summary: String {
        let rules = review.ruleset.locatedRules.count
        return "\(rules) rules and \(Self.count(review.ruleset.sets.count, "set")) for"
            + " \(review.flow.families)."
    }

    private var canExplain: Bool {
        review.ruleset.sets.reduce(0) { $0 + $1.count } <= Self.elementLimit
    }

    private var sections: [PageSection] {
        [
            PageSection.box(for: review, canExplain: canExplain),
            review.warnings.isEmpty ? nil : .warnings(review.warnings),
            review.preflight.map(PageSection.preflight),
            review.comparison.map(PageSection.comparison),
            .pictures(review.flow), .rules(review), .sets(review.ruleset),
            .settings(review.settings), .facts(review.facts),
        ].compactMap(\.self)
    }

    /// The rules as data, and the script that evaluates them.
    private var explainer: HTML {
        guard canExplain else { return "" }
        let data = RulesetData(
            ruleset: review.ruleset, addresses: review.addresses, originOf: review.originOf
        ).json.scriptText
        return """
            <script type="application/json" id="ruleset">\(HTML(trusted: data))</script>
            <script>\(HTML(trusted: Self.script))</script>

            """
    }

    /// Returns `1 set` or `2 sets`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
