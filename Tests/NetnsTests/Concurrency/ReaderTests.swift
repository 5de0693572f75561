import Testing
import TproxyTestSupport

/// Commands that read while one family is changed after the other.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ReaderTests {
    /// The second family is slow, so that readers run between the two.
    @Test(arguments: [BackendUnderTest.iptablesNft, .iptablesLegacy])
    func unfinishedChangeIsNotReportedAsAChangeByHand(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            try ApplyTests.facts.write(
                toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
            let program = "ip6\(backend.rawValue.dropFirst(2))-restore"
            let fakes = try FakePrograms()
            try fakes.add(
                program,
                """
                case "$*" in *--test*) ;; *) sleep 1; echo >> loaded ;; esac
                exec \(fakes.real)/\(program) "$@"
                """)
            let apply = "\(Command.tproxy) apply \(backend.words) --facts facts.json"
            try await sandbox.shell("\(apply) >/dev/null 2>&1", in: folder.url.path)
            let seen = try await fakes.run(
                sandbox,
                [
                    "sh", "-ec",
                    """
                    \(apply) --redirect-outbound-port 1 >/dev/null 2>&1 &
                    while kill -0 $! 2>/dev/null; do
                        \(Command.tproxy) status >status.txt 2>&1 || cat status.txt
                        \(Command.tproxy) diff --backend \(backend.backend) --facts facts.json 2>&1 |
                            grep 'BY HAND' || true
                        echo looked
                    done
                    wait $! && echo "exit $?"; wc -l < loaded
                    """,
                ], in: folder.url.path
            ).output
            #expect(seen.contains("looked\nlooked\n"), "\(seen)")
            // Two trials, and the real load.
            #expect(seen.hasSuffix("exit 0\n3\n"), "\(seen)")
            #expect(!seen.contains("BY HAND"), "\(seen)")
        }
    }
}
