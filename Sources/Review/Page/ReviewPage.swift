import RuleIR

/// A review as one HTML file that needs no network and no other file.
package struct ReviewPage {
    /// The maximum number of set elements of a page that explains packets.
    ///
    /// A hundred thousand elements are about 3 MB.
    package static let elementLimit = 100_000

    private static let script: String = {
        let files = [
            PackageResources.addresses_js, PackageResources.sets_js, PackageResources.trace_js,
            PackageResources.packet_js, PackageResources.line_js, PackageResources.path_js,
            PackageResources.box_js,
        ].map { String(decoding: $0, as: UTF8.self) }
        return "\"use strict\";\n(() => {\n" + files.joined(separator: "\n") + "})();\n"
    }()

    private static let style =
        [PackageResources.page_css, PackageResources.sections_css, PackageResources.path_css]
        .map { String(decoding: $0, as: UTF8.self) }.joined() + SVGText.styleSheet

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
            \(PageHeader(review, title: title).html)
            <nav aria-label="Sections"><ul>
            \(sections.map { "<li><a href=\"#\($0.id)\">\($0.name)</a></li>" })
            </ul></nav>
            </header>
            <main id="main" tabindex="-1">
            <div class="overview">
            <div>
            \(overview.map(\.html))
            </div>
            <div>
            \(changes.html)
            </div>
            </div>
            \(rest.map(\.html))
            </main>
            <footer>
            <p>Digest <code class="digest">\(review.digest)</code></p>
            <p>Made by tproxy \(review.making.version). This page needs no network and sends nothing.</p>
            </footer>
            \(explainer)</body>
            </html>
            """
        return page.markup + "\n"
    }

    private var title: String { "Plan for \(review.making.host): \(review.changes.title)" }

    private var canExplain: Bool {
        review.ruleset.sets.reduce(0) { $0 + $1.count } <= Self.elementLimit
    }

    /// What a reader decides on.
    private var overview: [PageSection] {
        [
            .summary(review), .warnings(review),
            .traffic(review.traffic, review.changes.state),
        ]
    }

    private var rest: [PageSection] {
        [
            .flow(review, canExplain: canExplain), .rules(review), .settings(review),
            .facts(review.facts), .sets(review.ruleset),
        ]
    }

    private var changes: PageSection { .changes(review.changes) }

    private var sections: [PageSection] { overview + [changes] + rest }

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

/// The title of the page, and how the page was made.
struct PageHeader {
    private let review: Review
    private let title: String

    init(_ review: Review, title: String) {
        self.review = review
        self.title = title
    }

    var html: HTML {
        let making = review.making
        let files = making.files.map { file -> HTML in "<code>\(file)</code>" }
        let list = HTML(trusted: files.map(\.markup).joined(separator: ", "))
        return """
            <h1>\(title)</h1>
            <p class="facts"><span>\(.name(review.name)) for \(review.flow.families)</span> \
            <span>tproxy \(making.version)</span> <span>\(making.time ?? "at an unknown time")</span> \
            <span>\(files.isEmpty ? "without files" : "from ")\(list)</span></p>
            <p class="making"><code class="typed">\(making.commandLine)</code></p>
            """
    }
}
