import Testing
import TproxyTestSupport

/// The loaded programs are compared with a plan as the rules of the other backends are.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFComparisonTests {
    /// `compare` runs diff, and `line` prints the first line and the exit code of a command.
    private static let functions = """
        flags="--backend ebpf --kuma-dp-user 5678 --ebpf-bpffs-path /mnt/bpf --ebpf-cgroup-path $cgroup"
        compare() { \(Command.tproxy) diff $flags "$@" 2>errors; }
        line() { code=0; "$@" >output || code=$?; sed -n 1p output; echo "exit $code"; }
        """

    @Test func differencesAreInTermsOfThePlan() async throws {
        try await Self.expect(
            """
            line compare
            apply >/dev/null 2>&1
            line compare | sed 's/cookie-.*//; s/: eBPF programs in .*//'
            changed="--exclude-outbound-ports 9999 --exclude-outbound-ips 172.16.0.0/16"
            code=0
            compare $changed >output || code=$?
            sed -n '2,/^traffic/p' output | sed '$d' | grep .
            echo "exit $code"
            \(Command.tproxy) plan $flags --no-preflight $changed 2>/dev/null | sed -n '1s/:.*//p'
            apply $changed 2>/dev/null | sed -n '1s/^replaced.*mesh: \\([^;]*\\);.*/\\1/p'
            line compare $changed | sed 's/:.*//'
            line compare --exclude-outbound-ports 9998 | sed 's/:.*//'
            \(Command.tproxy) remove >/dev/null
            left
            """,
            prints: """
                11 to add: no rules are loaded by ebpf
                exit 2
                no changes
                exit 0
                nat output first
                  + 1. to { 172.16.0.0/16 }: bypass
                       excluded destination [redirect.outbound.excludePortsForIPs]
                chain OUTBOUND
                  + 1. tcp, to port { 9999 }: return
                       excluded port [redirect.outbound.excludePorts]
                exit 2
                2 to add
                2 added
                no changes
                exit 0
                1 to remove, 1 to change
                exit 2

                """)
    }

    /// The programs hold the addresses of the host, which are no rules.
    @Test func anAddressThatTheProgramsDoNotKnowIsADifference() async throws {
        try await Self.expect(
            """
            apply >/dev/null 2>&1
            ip address add 10.8.1.1/24 dev v0
            compare >output || echo "exit $?"
            grep '10.8.1.1' output
            ip address delete 10.8.0.1/24 dev v0
            compare >output || true
            grep '10.8.0.1' output
            compare --output json >output || true
            grep -c '10.8.0.1.*any more' output
            apply >/dev/null 2>&1
            line compare | sed 's/:.*//'
            \(Command.tproxy) remove >/dev/null
            left
            """,
            prints: """
                exit 2
                the programs don't know 10.8.1.1, an address of this host
                10.8.0.1 isn't an address of this host any more
                1
                no changes
                exit 0

                """)
    }

    @Test func aPlanFileIsAppliedIfTheLoadedProgramsAreThoseItWasMadeFor() async throws {
        try await Self.expect(
            """
            plan() { \(Command.tproxy) plan $flags --no-preflight --output-file "$@" >/dev/null 2>&1; }
            plan first
            \(Command.tproxy) apply --plan first --no-preflight 2>/dev/null | sed -n '1s/[: ].*//p'
            \(Command.tproxy) apply --plan first --no-preflight 2>/dev/null | sed -n '1s/[: ].*//p'
            plan second --exclude-outbound-ports 77
            plan third --exclude-outbound-ports 78
            \(Command.tproxy) apply --plan second --no-preflight 2>/dev/null | sed -n '1s/[: ].*//p'
            code=0
            \(Command.tproxy) apply --plan third --no-preflight >/dev/null 2>errors || code=$?
            grep -o 'loaded-changed' errors
            echo "exit $code"
            line compare --exclude-outbound-ports 77 | sed 's/:.*//'
            \(Command.tproxy) remove >/dev/null
            left
            """,
            prints: """
                installed
                unchanged
                replaced
                loaded-changed
                exit 1
                no changes
                exit 0

                """)
    }

    /// `status` counts by the plan's rules, from what the kernel holds alone.
    @Test func statusCountsByRuleAndNamesTheExclusions() async throws {
        try await Self.expect(
            """
            serve
            apply --exclude-outbound-ports 9999 >/dev/null 2>&1
            connect="import socket; socket.create_connection(('10.8.0.2', 80))"
            for number in 1 2; do
                sh -c 'echo $$ >"$0"/cgroup.procs; exec /usr/bin/python3 -c "$1"' "$cgroup" "$connect"
            done
            \(Command.tproxy) status >output
            grep -o '^intact' output
            grep -o 'proxy listening.*' output
            grep -o 'port 9999' output
            grep -c '^2  .*to the proxy outbound' output
            \(Command.tproxy) status --output json >status.json
            grep -c '"intact" : true' status.json
            \(Command.tproxy) remove >/dev/null
            """,
            prints: """
                intact
                proxy listening on tcp 15001, tcp 15006
                port 9999
                1
                1

                """)
    }

    private static func expect(_ commands: String, prints text: String) async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run("\(functions)\n\(commands)", in: sandbox)
            #expect(outcome.status == 0 && outcome.output == text, "\(outcome)")
        }
    }
}
