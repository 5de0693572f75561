/// A text that is more than a value in one of the languages that the program writes.
package struct HostileValue: Sendable, CustomStringConvertible {
    package let name: String
    package let text: String

    package var description: String { name }

    private init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }

    package static let all: [HostileValue] =
        quotes + shell + nftables + iptables + markup + pictures + systemd + yaml + paths
        + terminal + unicode + lengths

    private static let quotes = [
        HostileValue("double quote", "a\" drop \"b"), HostileValue("single quote", "a' drop 'b"),
        HostileValue("backslash at the end", "a\\"), HostileValue("escaped quote", "a\\\" b"),
        HostileValue("newline", "a\nb"), HostileValue("carriage return", "a\rb"),
        HostileValue("tab", "a\tb"), HostileValue("NUL", "a\0b"),
    ]

    private static let shell = [
        HostileValue("semicolon", "a; touch /tmp/pwned"), HostileValue("pipe", "a | sh"),
        HostileValue("backticks", "`id`"), HostileValue("substitution", "$(id)"),
        HostileValue("variable", "${IFS}$HOME"), HostileValue("ampersand", "a && id &"),
        HostileValue("redirection", "a > /tmp/pwned"), HostileValue("glob", "/etc/*"),
        HostileValue("home", "~root"), HostileValue("here document", "<<EOF"),
    ]

    private static let nftables = [
        HostileValue("set", "@identity"), HostileValue("block", "a } table inet evil { }"),
        HostileValue("include", "include \"/etc/passwd\""), HostileValue("flush", "flush ruleset"),
        HostileValue("comment", "a # b"), HostileValue("definition", "$define"),
        HostileValue("wildcard", "*"), HostileValue("anonymous set", "{ 1, 2 }"),
        HostileValue("keyword", "accept"),
    ]

    private static let iptables = [
        HostileValue("long option", "--help"), HostileValue("short option", "-F"),
        HostileValue("options in a value", "a -j ACCEPT"), HostileValue("table", "*filter"),
        HostileValue("commit", "a\nCOMMIT\n*filter\n-F\nCOMMIT"), HostileValue("negation", "!"),
        HostileValue("policy", ":OUTPUT DROP [0:0]"), HostileValue("inverted interface", "! eth0"),
        HostileValue("any interface", "+"),
        HostileValue("quotes of a comment", "a\" -j ACCEPT -m comment --comment \"b"),
    ]

    private static let markup = [
        HostileValue("script", "\"><script>document.title='evil'</script>"),
        HostileValue("end of a script", "</script><img src=x onerror=alert(1)>"),
        HostileValue("attribute", "x\" onmouseover=\"alert(1)"),
        HostileValue("entity declaration", "<!ENTITY x SYSTEM \"file:///etc/passwd\">"),
        HostileValue("entity", "&lt;b&gt;&x;"), HostileValue("end of a section", "]]>"),
        HostileValue("end of a comment", "--><direct/><!--"), HostileValue("end tag", "</comment>"),
        HostileValue("comment", "<!-- a"), HostileValue("address", "javascript:alert(1)"),
        HostileValue("end of a style", "</style>*/}body{display:none}"),
        HostileValue("template", "${alert(1)}"), HostileValue("end of a remark", "*/ alert(1) /*"),
    ]

    private static let pictures = [
        HostileValue("arrow", "a\"] --> evil[\"b"), HostileValue("subgraph", "];subgraph x"),
        HostileValue("click", "click x href \"javascript:alert(1)\""),
        HostileValue("record", "{a|b}"), HostileValue("mermaid comment", "%% a"),
        HostileValue("escape of dot", "\\N\\G\\l"), HostileValue("mermaid entity", "#quot;"),
    ]

    private static let systemd = [
        HostileValue("specifier", "%n%i%%"),
        HostileValue("section", "a\n[Service]\nExecStart=/bin/sh"),
        HostileValue("continuation", "a \\\nExecStart=/bin/sh"),
        HostileValue("setting", "User=root"),
        HostileValue("special prefix", "-+!/bin/sh"), HostileValue("variable with $", "$$MAINPID"),
    ]

    private static let yaml = [
        HostileValue("mapping", "{a: b}"), HostileValue("sequence", "[a, b]"),
        HostileValue("anchor", "&a b"), HostileValue("alias", "*a"), HostileValue("tag", "!!int 1"),
        HostileValue("key", "a: b"), HostileValue("document", "---"), HostileValue("null", "~"),
        HostileValue("JSON", "\",\"x\":\"y"), HostileValue("item", "- a"),
        HostileValue("comma", "a,b"), HostileValue("colon", ":"),
    ]

    private static let paths = [
        HostileValue("traversal", "../../etc/passwd"), HostileValue("device", "/dev/tty"),
        HostileValue("standard input", "-"), HostileValue("null device", "/dev/null"),
        HostileValue("annotation", "traffic.kuma.io/exclude-outbound-ports=80"),
    ]

    private static let terminal = [
        HostileValue("colour", "\u{1B}[31mred"), HostileValue("clear", "\u{1B}[2J\u{1B}[H"),
        HostileValue("title", "\u{1B}]0;evil\u{7}"),
        HostileValue("hyperlink", "\u{1B}]8;;http://x\u{1B}\\"),
        HostileValue("clipboard", "\u{1B}]52;c;YQ==\u{7}"), HostileValue("C1 escape", "\u{9B}31m"),
        HostileValue("backspace", "good\u{8}\u{8}\u{8}\u{8}evil"), HostileValue("bell", "\u{7}"),
        HostileValue("delete", "a\u{7F}"),
    ]

    private static let unicode = [
        HostileValue("right-to-left override", "\u{202E}lmth.exe"),
        HostileValue("isolate", "a\u{2067}b\u{2069}"), HostileValue("zero width", "a\u{200B}b"),
        HostileValue("byte order mark", "\u{FEFF}a"), HostileValue("line separator", "a\u{2028}b"),
        HostileValue("next line", "a\u{85}b"), HostileValue("digits", "٨٠"),
        HostileValue("fullwidth quote", "a＂b"), HostileValue("letter of another script", "аccept"),
        HostileValue("combining", "a\u{301}\u{301}\u{301}"), HostileValue("tag", "a\u{E0041}"),
        HostileValue("noncharacter", "a\u{FFFE}"), HostileValue("emoji", "🧨"),
    ]

    private static let lengths = [
        HostileValue("empty", ""), HostileValue("space", " "),
        HostileValue("16 characters", String(repeating: "a", count: 16)),
        HostileValue("33 characters", String(repeating: "a", count: 33)),
        HostileValue("5000 characters", String(repeating: "a/", count: 2500)),
        HostileValue("huge number", "99999999999999999999999999"), HostileValue("minus", "-1"),
        HostileValue("hexadecimal", "0x50"), HostileValue("exponent", "1e3"),
    ]
}
