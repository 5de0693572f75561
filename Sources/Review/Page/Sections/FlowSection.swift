import Addressing
import RuleIR

/// A question about a packet, as a link inside the page.
struct Question {
    /// The fields, under the names of explain's options.
    let fields: [(name: String, value: String)]

    init(_ fields: [(name: String, value: String)]) {
        self.fields = fields
    }

    var link: String {
        "#explain?" + fields.map { "\($0.name)=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// The packet as a line of `explain --packets`.
    var line: String {
        var values: [String: String] = ["direction": "out", "proto": "tcp"]
        for (name, value) in fields { values[name] = value }
        let isOutgoing = values["direction"] != "in"
        let words = [
            ("uid", "uid"), ("from", "from"), ("to", "to"),
            ("interface", isOutgoing ? "via" : "on"),
        ].compactMap { field, word in values[field].map { "\(word)=\($0)" } }
        return ([isOutgoing ? "out" : "in", values["proto"] ?? "tcp"] + words)
            .joined(separator: " ")
    }

    /// Encodes characters that have a meaning in the query of a link.
    private static func encoded(_ value: String) -> String {
        value.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: ":"):
                return String(UnicodeScalar(byte))
            case _:
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }.joined()
    }
}

extension PageSection {
    /// Creates the section with the pictures and the line that asks about a packet.
    static func flow(_ review: Review, canExplain: Bool) -> PageSection {
        let figures = review.flow.lanes.map { lane -> HTML in
            let folded = lane.withBypassesFolded
            return """
                <figure>
                <figcaption>\(lane.title)</figcaption>
                \(PathPicture(folded, .wide).html)
                \(PathPicture(folded, .narrow).html)
                </figure>
                """
        }
        return PageSection(
            id: "flow", title: "Packet path", name: "Path",
            content: """
                \(canExplain ? question(review) : tooMany)
                <p class="aside legend">Read from the top: the first rule that matches decides. \
                Each rule leads to <a href="#rules">its reason and origin</a>.</p>
                <div class="figures">
                \(figures)
                </div>
                """)
    }

    private static var tooMany: HTML {
        """
        <p>The sets hold more than \(ReviewPage.elementLimit) elements, too many for a page. \
        Use the command line: <code>tproxy explain --to ADDRESS:PORT</code></p>
        """
    }

    private static func question(_ review: Review) -> HTML {
        let examples = examples(review)
        let links = examples.map { example -> HTML in
            "<li><a href=\"\(example.question.link)\">\(example.words)</a></li>"
        }
        return """
            <div id="explain">
            <noscript><p>The question needs JavaScript. On the command line: \
            <code>tproxy explain --to ADDRESS:PORT</code></p></noscript>
            <form id="packet" novalidate hidden>
            <label for="line">What happens to this packet?</label>
            <div class="line"><input id="line" name="line" value="\(examples.first?.question.line ?? "")" \
            autocomplete="off" autocapitalize="off" spellcheck="false" \
            aria-describedby="line-hint problems">
            <button type="submit">Explain</button></div>
            <p class="hint" id="line-hint"><code>out</code> or <code>in</code>, <code>tcp</code> or \
            <code>udp</code>, <code>to=ADDRESS:PORT</code>; optional: <code>uid=</code>, \
            <code>from=</code>, <code>via=INTERFACE</code></p>
            <ul id="problems"></ul>
            </form>
            <div id="answer" role="status" aria-live="polite"></div>
            <div class="examples"><p id="examples-label">Examples</p>
            <ul aria-labelledby="examples-label">
            \(links)
            </ul></div>
            </div>
            """
    }

    /// Returns packets that every installation can explain.
    ///
    /// Their addresses are reserved for documentation (RFC 5737).
    private static func examples(_ review: Review) -> [(question: Question, words: String)] {
        [
            (
                Question([("to", "203.0.113.1:443"), ("uid", "1000")]),
                "an application connects to another host"
            ),
            (
                Question([("to", "203.0.113.1:443"), ("uid", "\(review.proxyUser)")]),
                "the proxy connects to another host"
            ),
            (
                Question([
                    ("direction", "in"), ("from", "198.51.100.9"), ("to", "192.0.2.10:8080"),
                ]), "another host connects to this one"
            ),
            (
                Question([
                    ("direction", "in"), ("from", "198.51.100.9"), ("to", "192.0.2.10:22"),
                ]), "SSH to this host"
            ),
            (
                Question([("proto", "udp"), ("to", "203.0.113.53:53"), ("uid", "1000")]),
                "an application asks a DNS server"
            ),
        ]
    }
}
