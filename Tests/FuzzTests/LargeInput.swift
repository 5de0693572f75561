import FuzzTargets
import Testing

/// Large inputs that could take long or exhaust memory.
struct LargeInput: Sendable, CustomTestStringConvertible {
    /// In bytes: a megabyte, and a quarter of it in a build that isn't optimised.
    #if DEBUG
        static let size = 1 << 18
    #else
        static let size = 1 << 20
    #endif

    var target: String
    var name: String
    var bytes: [UInt8]

    var testDescription: String { "\(target): \(name)" }

    /// `head`, then pieces made from their number until it is large, then `tail`.
    init(
        _ target: String, _ name: String, head: String = "", tail: String = "",
        _ piece: (Int) -> String
    ) {
        self.target = target
        self.name = name
        var text = head
        var number = 0
        while text.utf8.count + tail.utf8.count < Self.size {
            text += piece(number)
            number += 1
        }
        bytes = Array((text + tail).utf8)
    }

    static let all =
        configuration + settings + directXML + iptablesSave + nftListing + hostFiles + packetLines
        + planFile + assertions + manifest + networkList
}

extension LargeInput {
    private static let manifest = [
        LargeInput("manifest", "pods") {
            "---\nkind: Pod\nmetadata:\n  name: a\($0)\nspec:\n  containers:\n  - name: b\n"
        },
        LargeInput("manifest", "containers", head: pod) { "  - name: a\($0)\n" },
        LargeInput("manifest", "keys", head: pod) { "    a\($0): b\n" },
        LargeInput("manifest", "annotations", head: "kind: Pod\nmetadata:\n  annotations:\n") {
            "    traffic.kuma.io/a\($0): b\n"
        },
        LargeInput("manifest", "our comments") { _ in "# tproxy:begin\n# tproxy:end\n" },
        LargeInput("manifest", "a block scalar", head: "a: |\n") { _ in " # tproxy:begin\n" },
        LargeInput("manifest", "nested lists", head: "kind: List\nitems: ") { _ in "[" },
        LargeInput("manifest", "aliases", head: "a: &a [x]\nb: [", tail: "]") { _ in "*a, " },
    ]
    private static let networkList = [
        LargeInput("network-list", "plugins", head: network, tail: "{}]}") {
            "{\"type\":\"a\($0)\"},\n"
        },
        LargeInput("network-list", "our entries in front", head: network, tail: "{}]}") { _ in
            "{\"type\":\"tproxy-cni\"},"
        },
        LargeInput("network-list", "our entries behind", head: network + "{}", tail: "]}") { _ in
            ",{\"type\":\"tproxy-cni\"}"
        },
        LargeInput("network-list", "members", head: "{", tail: "\"plugins\":[{}]}") {
            "\"a\($0)\":1,"
        },
        LargeInput("network-list", "lists of plugins", head: network + "{}]", tail: "}") { _ in
            ",\"plugins\":[{}]"
        },
        LargeInput("network-list", "brackets", head: network) { _ in "[" },
        LargeInput("network-list", "a long text", head: network + "\"", tail: "\",{}]}") { _ in
            "\\\""
        },
        LargeInput("network-list", "one plugin", head: "{\"type\":\"a\"", tail: "}") {
            ",\"a\($0)\":[{}]"
        },
        LargeInput("network-list", "spaces", head: network + "{}", tail: "]}") { _ in " \n" },
    ]
    private static let network = "{\"cniVersion\":\"1.0.0\",\"name\":\"a\",\"plugins\":["

    private static let pod =
        "kind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: b\n"

    private static let configuration = [
        LargeInput("configuration", "unknown keys") { "key\($0): \($0)\n" },
        LargeInput("configuration", "unknown nested keys", head: "redirect: {inbound: {") {
            "prt\($0): 1, "
        },
        LargeInput("configuration", "one repeated key") { _ in "wait: 5\n" },
        LargeInput("configuration", "brackets") { _ in "[" },
        LargeInput("configuration", "closing brackets", head: "a: ") { _ in "]" },
        LargeInput("configuration", "dashes") { _ in "- " },
        LargeInput("configuration", "aliases", head: "a: &a [x]\nb: [", tail: "]") { _ in "*a, " },
        LargeInput("configuration", "anchors") { "a\($0): &b\($0) x\n" },
        LargeInput("configuration", "tags", head: "a: ") { _ in "!!str " },
        LargeInput("configuration", "a long scalar", head: "wait: ") { _ in "9" },
        LargeInput("configuration", "a long quoted scalar", head: "wait: \"", tail: "\"") { _ in
            "\\n"
        },
        LargeInput("configuration", "a long comment", head: "#") { _ in "#" },
        LargeInput("configuration", "a block scalar", head: "wait: |\n") { _ in " x\n" },
        LargeInput("configuration", "documents") { _ in "---\n" },
        LargeInput("configuration", "combining characters", head: "wait: \"a", tail: "\"") { _ in
            "\u{301}"
        },
        LargeInput("configuration", "bad ports on one line", head: list("excludePorts"), tail: end)
        {
            _ in "x,"
        },
        LargeInput(
            "configuration", "bad ports in one text", head: text("excludePorts"), tail: "'}}"
        ) { _ in "x," },
        LargeInput("configuration", "ports in one text", head: text("excludePorts"), tail: "1'}}") {
            "\($0 % 65_535 + 1),"
        },
        LargeInput("configuration", "addresses", head: list("excludePortsForIPs"), tail: end) {
            "10.\($0 >> 16 & 255).\($0 >> 8 & 255).\($0 & 255),"
        },
        LargeInput(
            "configuration", "ports times owners", head: text("excludePortsForUIDs") + "tcp:1",
            tail: ":" + (0..<size / 20).map { "\(2 * $0)" }.joined(separator: ",") + "'}}"
        ) { ",\(2 * $0 % 65_535 + 1)" },
        LargeInput(
            "configuration", "overlapping owners", head: text("excludePortsForUIDs"),
            tail: "tcp:1:1'}}"
        ) { "\($0 % 60_000 + 1)-65535:\($0)-\(4_000_000_000 - $0);" },
        LargeInput("configuration", "executables", head: "iptablesExecutables: {", tail: "}") {
            "iptable\($0): /x, "
        },
        LargeInput("configuration", "networks", head: "redirect: {vnet: {networks: [", tail: "]}}")
        {
            "\"br\($0)+:10.0.0.0/8\","
        },
    ]

    private static func list(_ key: String) -> String { "redirect: {outbound: {\(key): [" }
    private static func text(_ key: String) -> String { "redirect: {outbound: {\(key): '" }
    private static let end = "]}}"

    private static let settings = [
        LargeInput("settings", "unknown variables") { "KUMA_TRANSPARENT_PROXY_X\($0)=1\0" },
        LargeInput(
            "settings", "bad ports",
            head: "KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_EXCLUDE_PORTS="
        ) { _ in "x," },
        LargeInput("settings", "one repeated flag") { _ in "--exclude-inbound-ports=80\0" },
        LargeInput("settings", "a long duration", head: "--sleep-between-retries=") { _ in "1h" },
        LargeInput("settings", "digits", head: "--sleep-between-retries=") { _ in "9" },
        LargeInput("settings", "executables", head: "--iptables-executables=") { "a\($0):/b," },
        LargeInput(
            "settings", "items in one text",
            head: "KUMA_TRANSPARENT_PROXY_REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_UIDS="
        ) { "\($0 % 9 + 1):5," },
    ]

    private static let directXML = [
        LargeInput("direct-xml", "nested", head: "<direct>") { _ in "<chain>" },
        LargeInput("direct-xml", "unclosed comment", head: "<direct><!-- ") { _ in "- " },
        LargeInput("direct-xml", "less-than signs", head: "<direct>") { _ in "<" },
        LargeInput("direct-xml", "entities", head: "<direct>", tail: "</direct>") { _ in "&amp;" },
        LargeInput("direct-xml", "attributes", head: "<direct><chain", tail: "/></direct>") {
            " a\($0)='1'"
        },
        LargeInput("direct-xml", "chains", head: "<direct>", tail: "</direct>") {
            "<chain ipv='ipv4' table='nat' chain='c\($0)'/>"
        },
        LargeInput("direct-xml", "rules of one chain", head: "<direct>", tail: "</direct>") { _ in
            "<rule ipv='ipv4' table='nat' chain='KUMA_MESH_X' priority='0'>-j X</rule>\n"
        },
        LargeInput("direct-xml", "passthroughs", head: "<direct>", tail: "</direct>") {
            "<passthrough ipv='ipv4'>-A c\($0) -j X</passthrough>"
        },
        LargeInput("direct-xml", "marks", head: "<direct>", tail: "</direct>") { _ in
            "<!-- tproxy end -->\n"
        },
        LargeInput("direct-xml", "quotes", head: rule, tail: "</rule></direct>") { _ in "'a' \"" },
        LargeInput("direct-xml", "backslashes", head: rule, tail: "</rule></direct>") { _ in "\\" },
        LargeInput("direct-xml", "pieces of text", head: rule, tail: "</rule></direct>") { _ in
            "a<!---->"
        },
        LargeInput("direct-xml", "spaces", head: "<direct>", tail: "<chain/></direct>") { _ in
            " "
        },
    ]

    private static let rule = "<direct><rule ipv='ipv4' table='nat' chain='a' priority='0'>"

    private static let iptablesSave = [
        LargeInput("iptables-save", "chains with a rule", head: "*nat\n", tail: "COMMIT\n") {
            ":C\($0) - [0:0]\n-A C\($0) -j ACCEPT\n"
        },
        LargeInput("iptables-save", "rules of one chain", head: output, tail: "COMMIT\n") {
            "-A OUTPUT -p tcp --dport \($0 % 65_535 + 1) -j ACCEPT\n"
        },
        LargeInput("iptables-save", "lists of ports", head: output, tail: "COMMIT\n") {
            "-A OUTPUT -p tcp -m multiport --dports \($0 % 65_535 + 1),7 -j ACCEPT\n"
        },
        LargeInput("iptables-save", "tables") { _ in "*nat\nCOMMIT\n" },
        LargeInput("iptables-save", "one long word", head: output + "-A OUTPUT -j ") { _ in "A" },
        LargeInput("iptables-save", "quotes", head: output + "-A OUTPUT -j ") { _ in "\"\"" },
        LargeInput("iptables-save", "negations", head: output + "-A OUTPUT ") { _ in "! " },
        LargeInput("iptables-save", "options", head: output + "-A OUTPUT ") { _ in "-s ::/0 " },
        LargeInput("iptables-save", "counters", head: output + "[") { _ in "1:" },
        LargeInput(
            "iptables-save", "chains that call the next often",
            head: output + (0..<16).map { ":C\($0) - [0:0]\n" }.joined() + "-A OUTPUT -j C0\n",
            tail: "COMMIT\n"
        ) { "-A C\($0 % 16) -j C\($0 % 16 + 1)\n" },
        LargeInput("iptables-save", "an ownership chain", head: ownership, tail: "COMMIT\n") { _ in
            "-A KUMA_MESH_TPROXY -j A\n-A OUTPUT -j A\n-A OUTPUT -j B\n"
        },
    ]

    private static let output = "*nat\n:OUTPUT ACCEPT [0:0]\n"
    private static let ownership =
        output + ":KUMA_MESH_TPROXY - [0:0]\n"
        + ["made by tproxy 1", "digest 1", "rules first in OUTPUT"].map {
            "-A KUMA_MESH_TPROXY -m comment --comment \"\($0)\"\n"
        }.joined()

    private static let nftListing = [
        LargeInput("nft-listing", "brackets") { _ in "[" },
        LargeInput("nft-listing", "nested objects") { _ in "{\"a\":" },
        LargeInput("nft-listing", "a number", head: "{\"a\":", tail: "}") { _ in "9" },
        LargeInput("nft-listing", "keys", head: "{", tail: "\"nftables\":[]}") { "\"k\($0)\":1," },
        LargeInput("nft-listing", "chains on hooks", head: listing, tail: close) {
            "{\"chain\":{\"family\":\"ip\",\"table\":\"t\",\"name\":\"c\($0)\",\"type\":\"nat\","
                + "\"hook\":\"output\",\"prio\":\($0)}},"
        },
        LargeInput("nft-listing", "tables", head: listing, tail: close) {
            "{\"chain\":{\"family\":\"ip\",\"table\":\"t\($0)\",\"name\":\"c\"}},"
        },
        LargeInput("nft-listing", "rules with lists", head: listing + chain, tail: close) {
            "{\"rule\":{\"family\":\"ip\",\"table\":\"t\",\"chain\":\"c\",\"expr\":[{\"match\":"
                + "{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"tcp\",\"field\":\"dport\"}},"
                + "\"right\":{\"set\":[\($0 % 65_535 + 1),9]}}},{\"drop\":null}]}},"
        },
        LargeInput(
            "nft-listing", "ranges that are many prefixes", head: listing + set, tail: "0]}}]}"
        ) { "{\"range\":[\"\(String($0, radix: 16))::1\",\"ffff::fffe\"]}," },
        LargeInput("nft-listing", "nested expressions", head: listing + chain + expression) { _ in
            "{\"&\":[1,"
        },
    ]

    private static let listing = "{\"nftables\":["
    private static let close = "{}]}"
    private static let chain =
        "{\"chain\":{\"family\":\"ip\",\"table\":\"t\",\"name\":\"c\",\"type\":\"nat\","
        + "\"hook\":\"output\",\"prio\":0}},"
    private static let expression =
        "{\"rule\":{\"family\":\"ip\",\"table\":\"t\",\"chain\":\"c\",\"expr\":["
    private static let set =
        "{\"set\":{\"family\":\"ip6\",\"table\":\"t\",\"name\":\"s\",\"type\":\"ipv6_addr\",\"elem\":["

    private static let hostFiles = [
        LargeInput("host-files", "resolvers") {
            "nameserver 10.\($0 >> 16 & 255).\($0 >> 8 & 255).\($0 & 255)\n"
        },
        LargeInput("host-files", "one long line", head: "nameserver ") { _ in "1" },
        LargeInput("host-files", "includes") { _ in "include \"/etc/nftables.conf\"\n" },
        LargeInput("host-files", "a pattern", head: "include \"/", tail: "\"\n") { _ in "*?" },
        LargeInput("host-files", "braces") { _ in "{" },
        LargeInput("host-files", "words on one line") { _ in "a " },
        LargeInput("host-files", "open quotes") { _ in "\"\n" },
    ]

    private static let packetLines = [
        LargeInput("packet-lines", "packets") { _ in "out tcp to=203.0.113.1:443\n" },
        LargeInput("packet-lines", "nonsense") { _ in "x=\n" },
        LargeInput("packet-lines", "words on one line") { _ in "x " },
        LargeInput("packet-lines", "one long word") { _ in "x" },
        LargeInput("packet-lines", "JSON lines") { _ in "{\"to\":\"10.0.0.1:80\"}\n" },
        LargeInput("packet-lines", "brackets", head: "{\"to\":") { _ in "[" },
        LargeInput("packet-lines", "unknown fields", head: "{") { "\"f\($0)\":1," },
    ]

    private static let planFile = [
        LargeInput("plan-file", "brackets") { _ in "[" },
        LargeInput("plan-file", "nested objects") { _ in "{\"a\":" },
        LargeInput("plan-file", "keys", head: plan, tail: "\"z\":1}") { "\"k\($0)\":1," },
        LargeInput("plan-file", "a number", head: plan + "\"version\":", tail: "}") { _ in "9" },
        LargeInput("plan-file", "warnings", head: plan + "\"warnings\":[", tail: "1]}") { _ in
            "\"\","
        },
    ]

    private static let assertions = [
        LargeInput("assertions", "assertions") {
            "incoming tcp to port \($0 % 65_535 + 1): not redirected\n"
        },
        LargeInput("assertions", "nonsense") { _ in "x\n" },
        LargeInput("assertions", "words on one line") { _ in "x " },
        LargeInput("assertions", "one long word") { _ in "x" },
        LargeInput("assertions", "colons") { _ in ":" },
        LargeInput("assertions", "separated colons") { _ in ": " },
        LargeInput("assertions", "commas", head: "tcp to port 1") { _ in ", " },
        LargeInput("assertions", "a long list", head: "tcp to port 1", tail: ": dropped") {
            ", \($0 % 65_535 + 1)"
        },
        LargeInput("assertions", "a long outcome", head: "tcp:") { _ in " not" },
        LargeInput("assertions", "clauses", head: "tcp", tail: ": dropped") { _ in " to 10.0.0.1" },
        LargeInput("assertions", "a long comment", head: "#") { _ in "#" },
        LargeInput("assertions", "combining characters", head: "tcp to port 1") { _ in "\u{301}" },
    ]

    private static let plan = "{\"schema\":\"tproxy.plan-file/3\","
}
