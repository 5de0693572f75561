/// Files as administrators have them; removal must restore their bytes.
struct Corpus: Sendable, CustomStringConvertible {
    var name: String
    var text: String

    var bytes: [UInt8] { Array(text.utf8) }
    var description: String { name }

    static let all: [Corpus] = [
        Corpus(name: "nothing at all", text: ""),
        Corpus(name: "white space", text: " \n\t\n"),
        Corpus(name: "declaration only", text: "<?xml version=\"1.0\" encoding=\"utf-8\"?>"),
        Corpus(name: "comment only", text: "<!-- to be done -->\n"),
        Corpus(name: "empty tag", text: "<direct/>"),
        Corpus(name: "empty tag with space", text: "<?xml version='1.0'?>\n<direct \n/>\n"),
        Corpus(name: "empty element", text: "<direct></direct>"),
        Corpus(name: "as firewalld writes none", text: declaration + "<direct>\n</direct>\n"),
        Corpus(
            name: "only passthroughs",
            text: declaration + """
                <direct>
                  <passthrough ipv="ipv4">-t filter -A FORWARD -i br0 -j ACCEPT</passthrough>
                  <passthrough ipv="ipv6">-t filter -A FORWARD -i br0 -j ACCEPT</passthrough>
                </direct>

                """),
        Corpus(
            name: "comments and instructions",
            text: """
                <?xml version="1.0"?>
                <!-- before -->
                <?editor tabs="4"?>
                <!DOCTYPE direct>
                <direct>
                    <!-- tproxy begin: or so it seems -->
                    <rule priority="0" table="filter" ipv="ipv4" chain="INPUT"
                          >-p tcp --dport 22 -j ACCEPT<!-- the admin's --></rule>
                    <!-- tproxy's end -->
                    <?note here?>
                </direct>
                <!-- after -->
                """),
        Corpus(
            name: "one line",
            text: "<direct><chain ipv='ipv4' table='filter' chain='mine'/>"
                + "<rule ipv='ipv4' table='filter' chain='INPUT' priority='1'>-j mine</rule></direct>"
        ),
        Corpus(
            name: "odd formatting",
            text:
                "\n\n<direct  >\n\n\t\t<chain\n ipv = \"eb\"\ttable=\"nat\" chain=\"x\" ></chain >"
                + " text \n   <passthrough ipv=\"eb\">-t nat\n -L</passthrough>  \t</direct\n>  \n\n"
        ),
        Corpus(
            name: "carriage returns",
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<direct>\r\n\t<chain ipv=\"ipv4\""
                + " table=\"raw\" chain=\"blacklist\"/>\r\n\t<!-- was: none -->\r\n</direct>\r\n"),
        Corpus(
            name: "entities",
            text: declaration + """
                <direct>
                  <rule ipv="ipv4" table="filter" chain="INPUT" priority="&#48;">-m comment \
                --comment "a &amp; b &lt;c&gt; &quot;d&quot; &#x2603;" -j ACCEPT</rule>
                  <rule ipv="ipv4" table="filter" chain="INPUT" priority="1"><![CDATA[-m comment \
                --comment 'x < y & z' -j DROP]]></rule>
                </direct>
                """),
        Corpus(
            name: "byte order mark", text: "\u{FEFF}<direct>\n  <!-- ünïcode ☃ -->\n</direct>\n"),
        Corpus(
            name: "duplicate rules",
            text: declaration + "<direct>\n"
                + String(
                    repeating: """
                          <chain ipv="ipv4" table="filter" chain="twice"/>
                          <rule ipv="ipv4" table="filter" chain="twice" priority="0">-j DROP</rule>

                        """, count: 2) + "</direct>\n"),
        Corpus(name: "kumactl's block", text: kumactls),
        Corpus(
            name: "kumactl's block in one line",
            text: kumactls.split(separator: "\n").joined().replacing("&#34;", with: "'")),
    ]

    static let declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

    /// The output of Kuma's translator: all `ipv4`, all priority 3, no space before `/>`.
    static let kumactls =
        declaration + """
            <direct>
            <chain ipv="ipv4" table="nat" chain="KUMA_MESH_INBOUND"></chain>
            <chain ipv="ipv4" table="nat" chain="KUMA_MESH_OUTBOUND"></chain>
            <chain ipv="ipv4" table="filter" chain="LOGDROP"></chain>
            <rule ipv="ipv4" table="filter" chain="LOGDROP" priority="3">-j DROP</rule>
            <rule ipv="ipv4" table="nat" chain="PREROUTING" priority="3">-p tcp -m comment --comment &#34;kuma/mesh/transparent/proxy/redirect&#34; -j KUMA_MESH_INBOUND</rule>
            <rule ipv="ipv4" table="nat" chain="OUTPUT" priority="3">-p tcp -j KUMA_MESH_OUTBOUND</rule>
            <rule ipv="ipv4" table="nat" chain="KUMA_MESH_OUTBOUND" priority="3">-m owner --uid-owner 5678 -j RETURN</rule>
            <rule ipv="ipv4" table="nat" chain="KUMA_MESH_OUTBOUND" priority="3">-p tcp ---fake &amp;-- -j REDIRECT --to-ports 15001</rule>
            </direct>
            """
}
