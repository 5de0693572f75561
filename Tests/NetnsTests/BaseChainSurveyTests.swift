import NftablesBackend
import RuleIR
import Testing
import TproxyTestSupport

/// The survey lists the chains of all programs, and what their rules do.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct BaseChainSurveyTests {
    @Test func foreignChainsAreListedWithTheirVerdicts() async throws {
        try PrivateNamespace.require()
        let planted = try await Command.run(
            "sh",
            [
                "-c",
                """
                set -e
                nft -f - <<'E'
                table ip foreign {
                    chain far {
                        redirect
                    }
                    chain out { type nat hook output priority -105; jump far; }
                    chain seen { type filter hook prerouting priority 7; tcp dport 1 reject; }
                    chain mapped {
                        type nat hook prerouting priority -100
                        tcp dport vmap { 7 : jump far }
                    }
                }
                table bridge other {
                    chain in { type filter hook input priority 0; }
                }
                E
                iptables-nft -t nat -A PREROUTING -p tcp --dport 7 -j DNAT --to-destination 192.0.2.1
                """,
            ])
        #expect(planted.status == 0, "\(planted.errors)")
        let chains = try BaseChainSurvey.chains()
        _ = try await Command.run("nft", ["flush", "ruleset"])
        let byName = Dictionary(uniqueKeysWithValues: chains.map { ($0.name, $0) })

        let out = try #require(byName["out"])
        #expect(out.base == LoadedChain.Base(type: "nat", hook: .output, priority: -105))
        #expect(out.jumps == ["far"] && !out.redirects && out.uses == 1)
        #expect(byName["far"]?.redirects == true && byName["far"]?.base == nil)
        #expect(byName["seen"]?.rejects == true)
        #expect(byName["mapped"]?.hasVerdictMap == true)
        let foreign = chains.filter { $0.table == "nat" && $0.base?.hook == .prerouting }
        #expect(foreign.map(\.redirects) == [true] && foreign.map(\.family) == [.ip])
        #expect(!chains.contains { $0.table == "other" })
        #expect(try BaseChainSurvey.chains().isEmpty)
    }
}
