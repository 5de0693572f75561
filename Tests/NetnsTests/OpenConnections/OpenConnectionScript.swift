import Foundation
import Testing
import TproxyTestSupport

/// Two hosts with connections between them, and a first `apply` on one of the two.
///
/// It is one Python process, which has a socket on both sides of each connection.
struct OpenConnectionScript {
    /// What `apply` did.
    struct Applied: Decodable {
        var status: Int
        var output: String
        var errors: String
    }

    let sandbox: Sandbox
    let backend: BackendUnderTest

    /// Runs one of the scenarios of `OpenConnectionScenarios`, and reads what it prints.
    func run<Report: Decodable>(
        _ scenario: String, environment: [String: String] = [:]
    ) async throws -> Report {
        let outcome = try await sandbox.run(
            "/usr/bin/python3",
            [
                "-c", Self.hosts + "\n\n" + OpenConnectionScenarios.text, Command.tproxy,
                backend.words, scenario,
            ], environment: environment)
        try #require(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    }

    private static let hosts = #"""
        import ctypes, json, os, signal, socket, subprocess, sys, threading, time

        tproxy, backend, mode = sys.argv[1:4]
        libc = ctypes.CDLL(None)
        NEWNET = 0x40000000
        PDEATHSIG = 1
        # Ends a run that hangs.
        signal.alarm(500)
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        V4, V6 = socket.AF_INET, socket.AF_INET6
        OURS = {V4: "192.0.2.1", V6: "2001:db8::1"}
        THEIRS = {V4: "192.0.2.2", V6: "2001:db8::2"}


        def run(*words):
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode:
                sys.exit(" ".join(words) + ": " + done.stdout + done.stderr)
            return done.stdout


        def hold():
            """Starts a process in a new network namespace."""
            come, go = os.pipe()
            child = os.fork()
            if child == 0:
                libc.unshare(NEWNET)
                libc.prctl(PDEATHSIG, signal.SIGKILL)
                os.write(go, b"!")
                time.sleep(600)
                os._exit(0)
            os.read(come, 1)
            return child


        peer = hold()
        there = os.open(f"/proc/{peer}/ns/net", os.O_RDONLY)


        def inside(namespace, body):
            libc.setns(namespace, NEWNET)
            try:
                return body()
            finally:
                libc.setns(here, NEWNET)


        run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1", "netns", str(peer))
        for namespace, device, addresses in (here, "eth0", OURS), (there, "eth1", THEIRS):
            def up():
                run("ip", "address", "add", addresses[V4] + "/24", "dev", device)
                run("ip", "address", "add", addresses[V6] + "/64", "dev", device, "nodad")
                run("ip", "link", "set", device, "up")
                run("ip", "link", "set", "lo", "up")
            inside(namespace, up)


        def listener(namespace, port):
            def make():
                made = socket.socket(V6)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made.bind(("::", port))
                made.listen(512)
                return made
            return inside(namespace, make)


        def answer(listening, name):
            """Accepts connections, and answers each byte with the name."""
            def talk(one):
                try:
                    while one.recv(1):
                        one.sendall(name)
                except OSError:
                    pass
            def take():
                while True:
                    one = listening.accept()[0]
                    threading.Thread(target=talk, args=(one,), daemon=True).start()
            threading.Thread(target=take, daemon=True).start()


        def client(namespace, family, address, port):
            def make():
                made = socket.socket(family)
                made.settimeout(60)
                made.connect((address, port))
                return made
            return inside(namespace, make)


        def said(one):
            """Returns the name of the server that answers."""
            try:
                one.sendall(b"?")
                return one.recv(1).decode() or "closed"
            except OSError as error:
                return type(error).__name__


        def apply(*more):
            words = [tproxy, "apply", *backend.split(), "--kuma-dp-user", "5678", *more]
            done = subprocess.run(words, capture_output=True, text=True)
            return {"status": done.returncode, "output": done.stdout, "errors": done.stderr}


        def conntrack_count():
            with open("/proc/sys/net/netfilter/nf_conntrack_count") as file:
                return int(file.read())


        # The proxy.
        os.seteuid(5678)
        for port in 15001, 15006:
            answer(listener(here, port), b"P")
        os.seteuid(0)


        def standing():
            """Open connections; on some this end sends first, on others the peer."""
            made = []
            for family in V4, V6:
                for number, port in enumerate((443, 8443, 9443)):
                    made.append(("out", family, port, number))
                for number, port in enumerate((22, 8080, 9090)):
                    made.append(("in", family, port, number))
            stand = []
            for way, family, port, number in made:
                at, address = (there, THEIRS[family]) if way == "out" else (here, OURS[family])
                key = (way, port)
                if key not in standing.listening:
                    standing.listening[key] = listener(at, port)
                one = client(there if way == "in" else here, family, address, port)
                other = standing.listening[key].accept()[0]
                other.settimeout(60)
                stand.append((one, other) if number % 2 else (other, one))
            return stand


        standing.listening = {}


        def exchange(first, second):
            try:
                for _ in range(3):
                    for near, far in (first, second), (second, first):
                        near.sendall(b"x")
                        if far.recv(1) != b"x":
                            return False
                return True
            except OSError:
                return False
        """#
}
