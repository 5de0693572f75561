import Testing

@testable import IptablesRules

/// kumactl's rules are found among foreign ones, with and without its comments.
@Suite struct KumactlRulesTests {
    private static let chains = """
        -A KUMA_MESH_OUTBOUND -m owner --uid-owner 5678 -j RETURN
        -A KUMA_MESH_OUTBOUND -p tcp -m tcp --dport 53 -j REDIRECT --to-ports 15053
        """

    /// Returns kumactl's rules among `rules` of built-in chains of a table.
    private func found(_ table: String, _ rules: String) throws -> [String] {
        let nat = "*nat\n:KUMA_MESH_INBOUND - [0:0]\n:KUMA_MESH_OUTBOUND - [0:0]\n\(Self.chains)\n"
        let text = table == "nat" ? nat + rules : "\(nat)*\(table)\n\(rules)"
        let part = KumactlRules(try SavedText(text)).parts.first { $0.table == table }
        return (part?.hooked ?? []).map { RestoreText.line(["-A", $0.chain] + $0.words) }
    }

    @Test func rulesOfOldVersionsAreRecognizedByTheirForm() throws {
        let ours = """
            -A OUTPUT -j LOG --log-prefix OUTPUT: --log-level 7
            -A OUTPUT -p tcp -m multiport --dports 80 -m owner --uid-owner 106-108 -j RETURN
            -A OUTPUT -d 10.0.0.1/32 -j RETURN
            -A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 5678 -j RETURN
            -A OUTPUT -d 192.0.2.53/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053
            """
        let jump = "-A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND"
        let foreign = """
            -A OUTPUT -d 9.9.9.9/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 99
            -A OUTPUT -p tcp -m owner --uid-owner 7 -j RETURN
            """
        let lines = ours.split(separator: "\n").map(String.init) + [jump]
        #expect(try found("nat", "\(ours)\n\(foreign)\n\(jump)\n") == lines)
    }

    @Test func networkRulesPrecedeTheJump() throws {
        let foreign =
            "-A PREROUTING -i eth9 -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053"
        let ours = """
            -A PREROUTING -i docker0 -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053
            -A PREROUTING ! -d 172.17.0.0/16 -i docker0 -p tcp -j REDIRECT --to-ports 15001
            -A PREROUTING -p tcp -j KUMA_MESH_INBOUND
            """
        #expect(
            try found("nat", "\(ours)\n\(foreign)\n")
                == ours.split(separator: "\n").map(String.init))
    }

    @Test func zonesNeedTheProxysOwnQuery() throws {
        let own = "-A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 5678 -j CT --zone 1"
        let rest = """
            -A OUTPUT -p udp -m udp --sport 15053 -m owner --uid-owner 5678 -j CT --zone 2
            -A OUTPUT -p udp -m udp --dport 53 -j CT --zone 2
            -A PREROUTING -p udp -m udp --sport 53 -j CT --zone 1
            """
        let foreign = "-A OUTPUT -p udp -m udp --dport 99 -j CT --zone 1"
        #expect(
            try found("raw", "\(own)\n\(rest)\n\(foreign)\n")
                == [own] + rest.split(separator: "\n").map(String.init))
        #expect(try found("raw", "\(rest)\n").isEmpty)
    }

    @Test(arguments: ["kuma/mesh/transparent/proxy/", "kuma/mesh/tproxy/"])
    func withCommentsOnlyMarkedRulesAreKumactls(prefix: String) throws {
        let marked = "-A OUTPUT -p udp -m comment --comment \"\(prefix)a zone\" -j CT --zone 2"
        let foreign = "-A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 5678 -j CT --zone 1"
        #expect(try found("raw", "\(marked)\n\(foreign)\n") == [marked])
    }

    @Test func tproxysRulesAreNotKumactls() throws {
        let saved = try SavedText(
            "*nat\n:KUMA_MESH_TPROXY - [0:0]\n:KUMA_MESH_OUTBOUND - [0:0]\n"
                + "-A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND\n")
        #expect(KumactlRules(saved).parts.isEmpty)
    }
}
