import Testing
import TproxyTestSupport

/// Commands that read while one family is changed after the other.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ReaderTests {
    /// The second family is loaded when the reader has found the first one changed and waits.
    @Test(arguments: [BackendUnderTest.iptablesNft, .iptablesLegacy], ["status", "diff"])
    func unfinishedChangeIsNotReportedAsAChangeByHand(
        backend: BackendUnderTest, command: String
    ) async throws {
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            try ApplyTests.facts.write(
                toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
            let program = "ip6\(backend.rawValue.dropFirst(2))-restore"
            let fakes = try FakePrograms()
            // Two trials precede the load.
            try fakes.add(
                program,
                """
                case "$*" in
                *--test*) ;;
                *)
                    echo >> loaded
                    for attempt in $(seq 3000); do
                        [ $(wc -l < loaded) -eq 3 ] || break
                        ! grep -q namespaceLock:2 trace || break
                        sleep 0.02
                    done ;;
                esac
                exec \(fakes.real)/\(program) "$@"
                """)
            let apply = "\(Command.tproxy) apply \(backend.words) --facts facts.json"
            try await sandbox.shell("\(apply) >/dev/null 2>&1", in: folder.url.path)
            let plan = "--backend \(backend.backend) --facts facts.json --wait 60"
            let reader = command == "diff" ? "diff \(plan)" : command
            let seen = try await fakes.run(
                sandbox,
                [
                    "sh", "-ec",
                    """
                    : > loaded; : > trace
                    \(apply) --redirect-outbound-port 1 >/dev/null 2>&1 & apply=$!
                    until [ $(wc -l < loaded) -eq 3 ]; do kill -0 $apply; sleep 0.02; done
                    TPROXY_FAULT_TRACE=trace \(Command.tproxy) \(reader) 2>&1 || echo "read: $?"
                    cat trace
                    wait $apply && echo "exit $?"; wc -l < loaded
                    """,
                ], in: folder.url.path
            ).output
            #expect(seen.contains("namespaceLock:2"), "\(seen)")
            #expect(seen.hasSuffix("exit 0\n3\n"), "\(seen)")
            #expect(!seen.contains("BY HAND"), "\(seen)")
            #expect(command == "diff" || !seen.contains("read:"), "\(seen)")
        }
    }
}
