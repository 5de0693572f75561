import Foundation
import Testing
import TproxyTestSupport

/// The number of paths in a rehearsal, and that an interrupted one leaves nothing.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct RehearsalTests {

    @Test func defaultRehearsalHasAtLeastTwentyFivePaths() async throws {
        try await Sandbox.with { sandbox in
            let folder = try #require(Scenario.all.first { $0.name == "default" }).folder.path
            let outcome = try await sandbox.tproxy(
                ["rehearse", "--config", "tproxy.yaml", "--facts", "facts.json"], in: folder)
            let paths = outcome.output.split(separator: "\n").filter {
                $0.hasSuffix("ok") || $0.hasPrefix("ok")
            }
            #expect(paths.count >= 25, "\(outcome.output)")
        }
    }

    /// Unnamed namespaces end with the process, even if it can't clean up.
    @Test(arguments: ["KILL", "INT", "TERM"])
    func interruptedRehearsalLeavesNothing(signal: String) async throws {
        try await Sandbox.with { sandbox in
            let before = try await sandbox.state()
            let folder = try #require(Scenario.all.first { $0.name == "everything" }).folder.path
            let left = try await sandbox.shell(
                """
                export REHEARSAL_MARK=\(UUID())
                mounts=$(grep -c nsfs /proc/self/mountinfo)
                # A shell starts background processes with SIGINT ignored; env undoes that.
                env --default-signal=INT \(Command.tproxy) rehearse --config tproxy.yaml \\
                    --facts facts.json >/dev/null 2>&1 &
                # Until it holds a namespace.
                until ls -l /proc/$!/fd 2>/dev/null | grep -q 'net:'; do
                    [ -e /proc/$! ] || break
                done
                kill -\(signal) $!; wait $!
                [ $? -ge 128 ] || echo "it had ended before"
                for environ in /proc/[0-9]*/environ; do
                    case $environ in /proc/$$/*) continue;; esac
                    if grep -qs tproxy ${environ%environ}comm && grep -qs $REHEARSAL_MARK $environ
                    then echo "left: $environ"; fi
                done
                [ $mounts = $(grep -c nsfs /proc/self/mountinfo) ] || echo "a mount is left"
                """, in: folder)
            #expect(left.isEmpty, "\(left)")
            #expect(try await sandbox.state() == before)
        }
    }
}
