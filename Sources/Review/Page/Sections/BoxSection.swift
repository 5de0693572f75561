import Addressing
import RuleIR

extension PageSection {
    /// Creates the box that explains a packet that the reader enters.
    static func box(for review: Review, canExplain: Bool) -> PageSection {
        PageSection(
            id: "explain", title: "What happens to a packet",
            content: canExplain ? form(review) : tooMany)
    }

    private static var tooMany: HTML {
        """
        <p>The sets hold more than \(ReviewPage.elementLimit) elements, too many for a page. \
        Use the command line: <code>tproxy explain --to ADDRESS:PORT</code></p>
        """
    }

    private static func form(_ review: Review) -> HTML {
        let examples = examples(review).map { example -> HTML in
            "<li><a href=\"#explain?\(example.query)\">\(example.words)</a></li>"
        }
        return """
            <p>Gives the answers of <code>tproxy explain</code> in this page; nothing is sent.</p>
            <noscript><p>The form needs JavaScript. On the command line: \
            <code>tproxy explain --to ADDRESS:PORT</code></p></noscript>
            <form id="packet" novalidate hidden>
            \(fields)
            <p class="submit"><button type="submit">Explain</button></p>
            </form>
            <div id="answer" role="status" aria-live="polite"></div>
            <h3>For example</h3>
            <ul class="examples">
            \(examples)
            </ul>
            """
    }

    private static var fields: [HTML] {
        [
            choice(
                "direction", "Direction",
                [("out", "out: sent by this host"), ("in", "in: arriving here")]),
            choice("proto", "Protocol", [("tcp", "tcp"), ("udp", "udp")]),
            field("to", "Destination (required)", "ADDRESS:PORT, or [ADDRESS]:PORT for IPv6"),
            field("port", "Port", "If the destination has none"),
            field(
                "uid", "User", "The UID that owns the socket; none for no socket; 0 if empty"),
            field("from", "Source", "ADDRESS or ADDRESS:PORT"),
            field(
                "interface", "Interface",
                "The interface that it arrives on or is routed to; a default if empty"),
        ]
    }

    private static func field(_ name: String, _ label: String, _ hint: String) -> HTML {
        """
        <p class="field"><label for="\(name)">\(label)</label>
        <input id="\(name)" name="\(name)" autocomplete="off" autocapitalize="off" spellcheck="false" \
        aria-describedby="\(name)-hint \(name)-problem">
        <span class="hint" id="\(name)-hint">\(hint)</span>
        <span class="problem" id="\(name)-problem"></span></p>
        """
    }

    private static func choice(
        _ name: String, _ label: String, _ choices: [(value: String, words: String)]
    ) -> HTML {
        let options = choices.map { choice -> HTML in
            "<option value=\"\(choice.value)\">\(choice.words)</option>"
        }
        return """
            <p class="field"><label for="\(name)">\(label)</label>
            <select id="\(name)" name="\(name)" aria-describedby="\(name)-problem">
            \(options)
            </select>
            <span class="problem" id="\(name)-problem"></span></p>
            """
    }

    /// Returns packets that every installation can explain.
    ///
    /// Their addresses are reserved for documentation (RFC 5737).
    private static func examples(_ review: Review) -> [(query: String, words: String)] {
        [
            ("to=203.0.113.1:443&uid=1000", "an application connects to another host"),
            ("to=203.0.113.1:443&uid=\(review.proxyUser)", "the proxy connects to another host"),
            (
                "direction=in&from=198.51.100.9&to=192.0.2.10:8080",
                "another host connects to this one"
            ),
            ("proto=udp&to=203.0.113.53:53&uid=1000", "an application asks a DNS server"),
        ]
    }
}
