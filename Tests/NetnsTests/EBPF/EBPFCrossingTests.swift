import Foundation
import Testing
import TproxyTestSupport

/// Two namespaces whose programs are attached to one cgroup.
///
/// `TPROXY_CROSSING_CONNECTIONS` is the number of connections of each namespace.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFCrossingTests {
    /// The proxy and the application of a namespace.
    ///
    /// Both namespaces use the same few ports, so that the connections of both have the same addresses
    /// at the same time.
    private static let program = #"""
        import os, socket, struct, sys, time

        def original(connection):
            if connection.family == socket.AF_INET:
                answer = connection.getsockopt(socket.IPPROTO_IP, 80, 16)
                return socket.inet_ntoa(answer[4:8])
            answer = connection.getsockopt(socket.IPPROTO_IPV6, 80, 28)
            return socket.inet_ntop(socket.AF_INET6, answer[8:24])

        def listener(family, address):
            one = socket.socket(family)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, 15001))
            one.listen(64)
            return one

        def serve(listener, name):
            while True:
                connection, _ = listener.accept()
                try:
                    text = original(connection)
                except OSError:
                    text = "none"
                connection.sendall((name + " " + text).encode())
                # The client ends the connection by a reset, which leaves the port free.
                try:
                    connection.recv(1)
                except OSError:
                    pass
                connection.close()

        def ask(number, name, network):
            is_ipv4 = number % 2 == 0
            family = socket.AF_INET if is_ipv4 else socket.AF_INET6
            target = "10.%d.%d.%d" % (network, number >> 8 & 255, number & 255)
            if not is_ipv4:
                target = "fd%02x::%x" % (network, number % 65535 + 1)
            one = socket.socket(family)
            one.settimeout(20)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.bind(("127.0.0.1" if is_ipv4 else "::1", 20001))
            one.connect((target, 80))
            answer = one.recv(512).decode()
            one.close()
            return answer, name + " " + target

        name, network, count, other = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            one = listener(family, address)
            if os.fork() == 0:
                serve(one, name)
        # Both begin together.
        open("ready." + name, "w").close()
        limit = time.monotonic() + 60
        while not os.path.exists("ready." + other) and time.monotonic() < limit:
            time.sleep(0.001)
        crossed = 0
        for number in range(count):
            answer, expected = ask(number, name, network)
            if answer != expected:
                crossed += 1
                if crossed < 4:
                    print("%s: expected '%s', got '%s'" % (name, expected, answer))
        print("%s: %d connections, %d crossed" % (name, count, crossed))
        """#

    /// Connections of both namespaces that wait for the proxy at the same time: its queue is full, so
    /// that the kernel drops their first packets and repeats them after a second.
    ///
    /// What the programs know of a connection in between is thus alive for all of them at once.
    private static let waiting = #"""
        import ctypes, os, select, socket, struct, time

        COUNT = 12
        places = [("a", 64, os.open("/proc/self/ns/net", os.O_RDONLY)),
                  ("b", 65, os.open("/run/netns/peer", os.O_RDONLY))]
        listeners, clients = {}, {}

        def enter(place):
            if ctypes.CDLL(None).setns(place, 0x40000000):
                raise OSError("can't enter the namespace")

        for name, _, place in places:
            enter(place)
            # With cookies, the kernel would answer and keep nothing of a connection.
            open("/proc/sys/net/ipv4/tcp_syncookies", "w").write("0")
            one = socket.socket()
            one.bind(("127.0.0.1", 15001))
            one.listen(1)
            listeners[one] = name
        for name, network, place in places:
            enter(place)
            for number in range(1, COUNT + 1):
                one = socket.socket()
                one.setblocking(False)
                one.bind(("127.0.0.1", 20000 + number))
                target = "10.%d.0.%d" % (network, number)
                one.connect_ex((target, 80))
                clients[one] = name + " " + target
        crossed, answered, accepted = 0, 0, []
        limit = time.monotonic() + 60
        while answered < 2 * COUNT and time.monotonic() < limit:
            ready, _, _ = select.select(list(listeners) + list(clients), [], [], 1)
            for one in ready:
                if one in listeners:
                    connection, _ = one.accept()
                    accepted.append(connection)
                    try:
                        answer = connection.getsockopt(socket.IPPROTO_IP, 80, 16)
                        text = socket.inet_ntoa(answer[4:8])
                    except OSError:
                        text = "none"
                    connection.sendall((listeners[one] + " " + text).encode())
                elif one in clients:
                    expected = clients.pop(one)
                    answered += 1
                    answer = one.recv(512).decode()
                    if answer != expected:
                        crossed += 1
                        print("expected '%s', got '%s'" % (expected, answer))
        print("%d answered, %d crossed" % (answered, crossed))
        """#

    @Test func connectionsThatWaitAtTheSameTimeStayApart() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                \(Self.applied)
                cat >probe.py <<'END'
                \(Self.waiting)
                END
                in_cgroup
                """, in: sandbox)
            #expect(outcome.output == "24 answered, 0 crossed\n", "\(outcome)")
        }
    }

    /// Loads the rules in both namespaces, for one cgroup.
    private static let applied = """
        apply >/dev/null 2>&1
        peer() { nsenter --net=/run/netns/peer "$@"; }
        peer \(Command.tproxy) apply --backend ebpf --kuma-dp-user 5678 --no-preflight \\
            --ebpf-bpffs-path /mnt/bpf --ebpf-cgroup-path "$cgroup" >/dev/null 2>&1
        [ $(find /mnt/bpf -name tproxy_connect4 | wc -l) = 2 ]
        """

    @Test func noConnectionCrossesToAnotherNamespace() async throws {
        let count = ProcessInfo.processInfo.environment["TPROXY_CROSSING_CONNECTIONS"] ?? "5000"
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                \(Self.applied)
                cat >probe.py <<'END'
                \(Self.program)
                END
                in_cgroup a 64 \(count) b >a & a=$!
                peer sh -c 'echo $$ >"$0"/cgroup.procs; exec /usr/bin/python3 probe.py "$@"' "$cgroup" \\
                    b 65 \(count) a >b & b=$!
                wait $a && wait $b
                cat a b
                """, in: sandbox)
            #expect(
                outcome.output == """
                    a: \(count) connections, 0 crossed
                    b: \(count) connections, 0 crossed

                    """, "\(outcome)")
        }
    }
}
