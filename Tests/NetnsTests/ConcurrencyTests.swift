import Testing
import TproxyTestSupport

/// Others change the ruleset at the same moment.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ConcurrencyTests {
    @Test func foreignChangesDontDisturb() async throws {
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

    /// Whoever comes last wins; what is loaded is the whole of one plan.
    @Test func manyAppliesAtOnce() async throws {
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
