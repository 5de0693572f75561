import Testing
import TproxyTestSupport

/// Other programs change the ruleset at the same time.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ConcurrencyTests {
    @Test func applySucceedsBesideForeignChanges() async throws {
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.shell(
                """
                printf '%s' '\(ApplyTests.facts)' > /tmp/facts.$$
                nft add table inet foreign; nft add chain inet foreign c
                (while [ -e /tmp/facts.$$ ]; do nft add rule inet foreign c counter; done) &
                for port in 1 2 3 4 5 6 7 8; do
                    \(Command.tproxy) apply --facts /tmp/facts.$$ --sleep-between-retries 10ms \\
                        --max-retries 100 --redirect-outbound-port $port || echo failed
                done
                rm /tmp/facts.$$; wait
                """)
            #expect(!outcome.contains("failed"), "\(outcome)")
            let listing = try await sandbox.shell("nft list table inet tproxy_mesh")
            #expect(listing.contains("redirect to :8"))
            let foreign = try await sandbox.shell("nft list table inet foreign | grep -c counter")
            #expect(foreign != "0\n")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
        }
    }

    /// Another program appends to the chain with our jump; its rules all stay, and in order.
    ///
    /// It pauses, because iptables-nft-restore starts again as long as another program is faster.
    @Test(arguments: [BackendUnderTest.iptablesNft, .iptablesLegacy])
    func foreignRulesStayAndKeepTheirOrder(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            try ApplyTests.facts.write(
                toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
            let outcome = try await sandbox.shell(
                """
                (port=0
                while [ -e facts.json ]; do
                    port=$((port + 1))
                    \(backend.iptables) -w -t nat -A OUTPUT -p tcp --dport $port -j RETURN || exit 1
                    echo $port > added
                    sleep 0.05
                done) & foreign=$!
                for port in 1 2 3 4; do
                    until [ "$(cat added)" -ge $port ] 2>/dev/null; do
                        kill -0 $foreign || exit 1
                        sleep 0.01
                    done
                    \(Command.tproxy) apply \(backend.words) --facts facts.json \\
                        --sleep-between-retries 10ms --max-retries 100 \\
                        --redirect-outbound-port $port 2>errors || { cat errors; echo failed; }
                done
                rm facts.json; wait $foreign || echo failed
                """, in: folder.url.path)
            #expect(!outcome.contains("failed"), "\(outcome)")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
            let removed = try await sandbox.tproxy(["remove"])
            #expect(removed.status == 0, "\(removed.errors)")
            let kept = try await sandbox.shell(
                "\(backend.iptables) -t nat -S OUTPUT | grep -o 'dport [0-9]*' | cut -d' ' -f2")
            let added = try await sandbox.shell("seq $(cat added)", in: folder.url.path)
            #expect(kept == added)
            #expect(kept.contains("\n4\n"), "nothing was added at the same time")
        }
    }

    /// The last one wins, and what is loaded is one whole plan.
    @Test func concurrentAppliesLeaveOneWholePlan() async throws {
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.shell(
                """
                printf '%s' '\(ApplyTests.facts)' > /tmp/facts.$$
                for port in 1 2 3 4 5 6 7 8; do
                    \(Command.tproxy) apply --facts /tmp/facts.$$ --wait 60 \\
                        --redirect-outbound-port $port --redirect-inbound-port $port ||
                        echo failed &
                done
                wait; rm /tmp/facts.$$
                """)
            #expect(!outcome.contains("failed"), "\(outcome)")
            let ports = try await sandbox.shell(
                "nft list table inet tproxy_mesh | grep -o 'redirect to :[0-9]*' | sort -u | wc -l")
            #expect(ports == "1\n")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
        }
    }
}
