import Testing
import TproxyTestSupport

/// Paths, objects and configurations that can't be used: an error with its remedy, and no change.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFRefusalTests {
    private static let cases: [(flags: String, message: String)] = [
        (
            "--ebpf-cgroup-path /proc",
            "the cgroup /proc can't be used: it isn't a folder of cgroup v2"
        ),
        (
            "--ebpf-cgroup-path /mnt/v1",
            "the cgroup /mnt/v1 can't be used: it is a folder of cgroup v1"
        ),
        (
            "--ebpf-programs-source-path /mnt/wrong",
            "the kernel's verifier refuses the program tproxy_connect4"
        ),
        ("--ebpf-bpffs-path /mnt", "the BPF file system /mnt can't be used: it isn't one"),
        ("--ebpf-bpffs-path /mnt/bpf/a/b", "more than one folder below its mount point"),
        ("--ebpf-tc-attach-iface none0", "the interface none0 can't be used: it doesn't exist"),
        ("--ebpf-programs-source-path /mnt", "/mnt/tproxy.bpf.o can't be used: it can't be read"),
        (
            "--ebpf-programs-source-path /mnt/foreign",
            "it isn't a build of the programs of this version"
        ),
        (
            "--ebpf-programs-source-path /mnt/damaged",
            "it isn't a build of the programs of this version"
        ),
        ("--drop-invalid-packets", "can't express the rule 'packet with invalid conntrack state'"),
        ("--iptables-logs", "can't express the rule 'log outgoing connections'"),
        ("--vnet docker0:172.17.0.0/16", "from redirect.vnet.networks"),
        ("--instance other", "ebpf has one installation, 'mesh'"),
    ]

    /// Another first instruction of a program: it reads beyond the context, which the verifier
    /// refuses.
    private static let unverifiable = """
        import struct, sys
        data = bytearray(open(sys.argv[1], 'rb').read())
        place, = struct.unpack_from('<Q', data, 40)
        count, names = struct.unpack_from('<HH', data, 60)
        heads = [struct.unpack_from('<IIQQQQ', data, place + 64 * i) for i in range(count)]
        for head in heads:
            if data[heads[names][4] + head[0]:].startswith(b'cgroup/connect4' + bytes(1)):
                data[head[4]:head[4] + 8] = bytes([0x79, 0x10, 0x00, 0x10, 0, 0, 0, 0])
        open(sys.argv[2], 'wb').write(data)
        """

    @Test func whatCannotBeUsedIsRefusedWithItsReason() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let tries = Self.cases.map { one in
                """
                if apply \(one.flags) >/dev/null 2>errors; then echo applied; else tr '\\n' ' ' <errors; fi
                echo
                """
            }
            let outcome = try await EBPFScript.run(
                """
                wrong="\(Self.unverifiable)"
                mkdir -p bpf/a/b foreign damaged wrong v1
                mount -t cgroup -o none,name=tproxy-test-$$ cgroup v1
                /usr/bin/python3 -c "$wrong" \\
                    \(Scenario.root.path)/Sources/EBPFBackend/Programs/tproxy.bpf.o wrong/tproxy.bpf.o
                cp /bin/true foreign/tproxy.bpf.o
                head -c 20000 \(Scenario.root.path)/Sources/EBPFBackend/Programs/tproxy.bpf.o \\
                    >damaged/tproxy.bpf.o
                \(tries.joined(separator: "\n"))
                rmdir bpf/a/b bpf/a
                umount v1
                left
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.count == Self.cases.count, "\(outcome.output)")
            for (line, one) in zip(lines, Self.cases) {
                #expect(line.contains(one.message) && line.contains("help: "), "\(one): \(line)")
            }
        }
    }

    /// The verifier's text is longer than what is kept of it, and its cause is the end.
    @Test func aRefusalOfTheVerifierHasItsCause() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                apply >/dev/null 2>&1
                before=$(left)
                mkdir -p build/Sources/EBPFBackend build/.ci
                cp -r \(Scenario.root.path)/Sources/EBPFBackend/Programs build/Sources/EBPFBackend
                cp \(Scenario.root.path)/.ci/programs build/.ci
                sed -i 's/ & (TPROXY_EBPF_PORT_BYTES - 1)\\]/ + 8192]/' \\
                    build/Sources/EBPFBackend/Programs/decision.h
                build/.ci/programs build
                apply --exclude-outbound-ports 1,3,5 \\
                    --ebpf-programs-source-path /mnt/build/Sources/EBPFBackend/Programs >/dev/null 2>errors \\
                    && echo applied
                sed -n 's/^error: //p' errors
                [ "$before" = "$(left)" ] || echo changed
                \(Command.tproxy) status | sed -n 's/^intact.*/intact/p'
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.count == 2 && lines.last == "intact", "\(outcome)")
            let cause = try #require(lines.first)
            #expect(
                cause.contains("the kernel's verifier refuses the program tproxy_"), "\(cause)")
            #expect(cause.contains("outside of the allowed memory range"), "\(cause)")
        }
    }

    /// Another build of the same sources is accepted.
    @Test func anotherBuildOfTheProgramsIsLoaded() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                apply --ebpf-programs-source-path \(Scenario.root.path)/Sources/EBPFBackend/Programs \\
                    >/dev/null 2>&1
                \(Command.tproxy) status | sed -n 's/^intact.*/intact/p'
                \(Command.tproxy) remove >/dev/null
                left
                """, in: sandbox)
            #expect(outcome.status == 0 && outcome.output == "intact\n", "\(outcome)")
        }
    }

    /// A missing capability, a full map, and programs that the verifier refuses.
    @Test func theFormerRulesStayInForce() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                wrong="\(Self.unverifiable)"
                mkdir wrong
                /usr/bin/python3 -c "$wrong" \\
                    \(Scenario.root.path)/Sources/EBPFBackend/Programs/tproxy.bpf.o wrong/tproxy.bpf.o
                apply >/dev/null 2>&1
                digest() { \(Command.tproxy) status | sed -n 's/.*digest //p'; }
                former=$(digest)
                # Prints the error, and that the rules in force are the former ones.
                refused() {
                    "$@" >/dev/null 2>errors && echo applied
                    sed -n 's/^error: //p; s/^help: /  /p' errors
                    [ "$(digest)" = "$former" ] || echo changed
                    \(Command.tproxy) status | sed -n 's/^intact.*/  intact/p'
                }
                flags="--backend ebpf --kuma-dp-user 5678 --no-preflight --ebpf-bpffs-path /mnt/bpf"
                flags="$flags --ebpf-cgroup-path $cgroup --exclude-outbound-ports 7"
                lacking() { setpriv --bounding-set "$1" \(Command.tproxy) apply $flags; }
                refused lacking -net_admin
                refused lacking -sys_admin
                refused lacking -sys_admin,-bpf
                full() { TPROXY_FAULT=bpfWrite:1:ENOSPC apply --exclude-outbound-ips 172.16.0.0/16; }
                refused full
                refused apply --exclude-outbound-ports 7 --ebpf-programs-source-path /mnt/wrong
                \(Command.tproxy) remove >/dev/null
                left
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(
                outcome.output == """
                    changing firewall rules needs CAP_NET_ADMIN [missing-capability]
                      run as root, or grant it: setcap cap_net_admin+ep, AmbientCapabilities=
                      intact
                    reading the loaded rules needs CAP_SYS_ADMIN [missing-capability]
                      run as root, or grant it: setcap cap_sys_admin+ep, AmbientCapabilities=
                      intact
                    reading the loaded rules needs CAP_SYS_ADMIN, CAP_BPF [missing-capability]
                      run as root, or grant it: setcap cap_sys_admin,cap_bpf+ep, AmbientCapabilities=
                      intact
                    eBPF can't be used: writing the map addresses: it is full [unusable]
                      shorten the lists of the configuration, or use --backend nft
                      intact
                    /mnt/wrong/tproxy.bpf.o can't be used: the kernel's verifier refuses the program \
                    tproxy_connect4: invalid bpf_context access off=4096 size=8 [unusable]
                      leave ebpf.programsSourcePath out, or use --backend nft
                      intact

                    """)
        }
    }

    /// The map of listeners has places for the proxy's threads.
    @Test func moreListenersThanTheMapHoldsAreRefused() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                many="import socket, time
                held = []
                for number in range(20):
                    one = socket.socket()
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                    one.bind(('0.0.0.0', 15006))
                    one.listen()
                    held.append(one)
                open('/mnt/ready', 'w').close()
                time.sleep(600)"
                many=$(printf '%s' "$many" | sed 's/^                //')
                sh -c 'echo $$ >"$0"/cgroup.procs; exec /usr/bin/python3 -c "$1"' "$cgroup" "$many" &
                while [ ! -e ready ]; do sleep 0.1; done
                if apply >/dev/null 2>errors; then echo applied; fi
                sed -n 's/^error: //p; s/^help: /  /p' errors
                left
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(
                outcome.output == """
                    the proxy's port 15006 can't be used: more than 16 sockets listen on it for IPv4 [unusable]
                      run the proxy with fewer threads (--concurrency), or use --backend nft

                    """)
        }
    }
}
