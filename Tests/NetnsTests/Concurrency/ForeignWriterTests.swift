import Foundation
import Netlink
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// Another program changes other tables of nf_tables all the time.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ForeignWriterTests {
    /// Enough elements that the kernel lists them in many parts, and marks the dump as interrupted.
    private static let yaml =
        "redirect:\n  outbound:\n    excludePortsForIPs:\n"
        + (0..<25_000).map { "    - 11.\($0 >> 8).\($0 & 255).0/25\n" }.joined()

    /// The time limit only detects a command that hangs.
    @Test func everyCommandEndsBesideAForeignWriter() async throws {
        let folder = try TestFolder()
        for (name, text) in [("facts.json", ApplyTests.facts), ("tproxy.yaml", Self.yaml)] {
            try text.write(toFile: folder.path(of: name), atomically: true, encoding: .utf8)
        }
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.shell(
                """
                run() {
                    timeout -s KILL 120 \(Command.tproxy) "$@" >out 2>err
                    code=$?
                    echo "$1 $code"
                    [ $code = 0 ] || [ $code = 2 ] || cat err
                }
                inputs='--config tproxy.yaml --facts facts.json'
                nft add table ip other; nft add chain ip other c
                run apply $inputs
                touch writing
                (while [ -e writing ]; do
                    nft add rule ip other c counter && nft flush chain ip other c || exit 1
                done) & writer=$!
                run status
                run diff $inputs
                run diff $inputs --redirect-outbound-port 2
                run plan --config tproxy.yaml --kuma-dp-user 5678 --output-file plan.json
                run apply --plan plan.json
                run apply $inputs --redirect-outbound-port 2
                run apply $inputs --exclude-outbound-ips 192.0.2.0/24
                run status
                run remove
                run apply $inputs
                run remove
                kill -0 $writer && rm writing && wait $writer && echo "written $?"
                """, in: folder.url.path)
            #expect(
                outcome == """
                    apply 0
                    status 0
                    diff 0
                    diff 2
                    plan 0
                    apply 0
                    apply 0
                    apply 0
                    status 0
                    remove 0
                    apply 0
                    remove 0
                    written 0

                    """)
        }
    }

    private func nft(_ command: String) async throws {
        let outcome = try await Command.run("nft", [command])
        #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }

    /// Each kind of change of the watched table counts, and no change of another table does.
    @Test(arguments: [
        "add chain inet NAME d", "delete chain inet NAME d", "add rule inet NAME c counter",
        "flush chain inet NAME c", "add set inet NAME t { type mark; }",
        "add element inet NAME s { 1 }", "delete set inet NAME s", "add counter inet NAME n",
        "add table inet NAME { flags dormant; }", "delete table inet NAME",
        "delete table inet NAME; add table inet NAME",
    ])
    func onlyChangesOfTheWatchedTableCount(change: String) async throws {
        try PrivateNamespace.require()
        for table in ["inet watched", "ip watched", "inet watched2"] {
            try await nft("add table \(table); add chain \(table) c; add chain \(table) d")
            try await nft("add rule \(table) c counter")
            try await nft("add set \(table) s { type mark; }")
        }
        let socket = try MnlSocket.toNetfilter()
        let watch = try ChangeWatch("watched", of: socket)
        try await nft(change.replacing("NAME", with: "watched2"))
        try await nft(change.replacing("inet NAME", with: "ip watched"))
        let present = try watch.follow(socket)
        #expect(try socket.generation() == present)
        try await nft(change.replacing("NAME", with: "watched"))
        do {
            _ = try watch.follow(socket)
            Issue.record("not noticed")
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            #expect(refusal.isOutdated)
        }
        try await nft("flush ruleset")
    }

    /// The kernel accepts a transaction after changes of other tables once it is moved to the
    /// present generation.
    @Test func transactionIsAcceptedAfterChangesOfOtherTables() async throws {
        try PrivateNamespace.require()
        try await nft("add table inet watched; add table inet other")
        let socket = try MnlSocket.toNetfilter()
        let watch = try ChangeWatch("watched", of: socket)
        var batch = NftBatch(generation: watch.generation)
        batch.delete(table: "watched")
        batch.finish()
        try await nft("add chain inet other c")
        do {
            try socket.commit(batch)
            Issue.record("the kernel accepted a transaction for an older generation")
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            #expect(refusal.isOutdated)
        }
        batch.move(to: try watch.follow(socket))
        try socket.commit(batch)
        // Changes of the socket itself don't count.
        let present = try watch.follow(socket)
        #expect(try socket.generation() == present)
        try await nft("flush ruleset")
    }

    /// A run that waits for its next attempt has nothing to finish.
    @Test(arguments: ["INT", "TERM"])
    func signalEndsTheWaitBetweenRetries(signal: String) async throws {
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            try ApplyTests.facts.write(
                toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
            // The wait is longer than the time after which the script kills the run.
            let code = try await sandbox.shell(
                """
                export TPROXY_FAULT=tableSubmit:1+:EBUSY TPROXY_FAULT_TRACE=trace
                env --default-signal=\(signal) \(Command.tproxy) apply --facts facts.json \\
                    --max-retries 9 --sleep-between-retries 1h >out 2>err & pid=$!
                while ! grep -q tableSubmit trace 2>/dev/null && kill -0 $pid; do sleep 0.1; done
                kill -\(signal) $pid
                for tenth in $(seq 600); do kill -0 $pid 2>/dev/null || break; sleep 0.1; done
                kill -KILL $pid 2>/dev/null
                wait $pid
                echo $?
                """, in: folder.url.path)
            #expect(code == (signal == "INT" ? "130\n" : "143\n"))
            #expect(try await sandbox.shell("nft list tables") == "")
        }
    }
}
