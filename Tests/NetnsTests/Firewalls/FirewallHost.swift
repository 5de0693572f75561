import Foundation
import Testing
import TproxyTestSupport

/// A host for our rules, a proxy that answers, and another host at 192.0.2.2.
struct FirewallHost {
    let sandbox: Sandbox
    private let peer: String

    struct Found: Decodable {
        var id: String
        var seen: String
        var remedy: String
    }

    private static let yaml = """
        kumaDPUser: "5678"
        redirect: {dns: {enabled: true, captureAll: true}}

        """

    /// Runs `body` on the host; nothing is loaded yet.
    static func with(
        in sandbox: Sandbox, _ body: (FirewallHost) async throws -> Void
    ) async throws {
        let peer = try await sandbox.shell(
            """
            ip link set lo up
            ip link add eth0 type veth peer name eth1
            unshare --net sleep 600 > /dev/null 2>&1 < /dev/null & peer=$!
            until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
                sleep 0.05
            done
            ip link set eth1 netns $peer
            nsenter --net=/proc/$peer/ns/net sh -c '
                ip addr add 192.0.2.2/24 dev eth1; ip addr add 2001:db8::2/64 dev eth1 nodad
                ip link set eth1 up; ip link set lo up'
            ip addr add 192.0.2.1/24 dev eth0
            ip addr add 2001:db8::1/64 dev eth0 nodad
            ip link set eth0 up
            echo $peer
            """
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        let proxy = try await sandbox.shell(
            """
            setpriv --reuid 5678 --clear-groups /usr/bin/python3 -c '\(server)'
            """
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(FirewallHost(sandbox: sandbox, peer: peer)))
        } catch {
            outcome = .failure(error)
        }
        try await sandbox.shell("kill -KILL \(peer) \(proxy)")
        try outcome.get()
    }

    /// Listens for connections, answers datagrams, and continues in the background.
    private static let server = """
        import os, select, socket, sys
        kept = []
        for port in (15006, 15001):
            one = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("::", port))
            one.listen(64)
            kept.append(one)
        # An answer must come from the address of the query.
        names = []
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            one = socket.socket(family, socket.SOCK_DGRAM)
            one.bind((address, 15053))
            names.append(one)
        child = os.fork()
        if child:
            print(child)
            sys.exit()
        for number in (0, 1, 2):
            try:
                os.close(number)
            except OSError:
                pass
        while True:
            for one in select.select(names, [], [])[0]:
                try:
                    data, sender = one.recvfrom(64)
                    one.sendto(data, sender)
                except OSError:
                    pass
        """

    func apply(_ backend: String = "nft") async throws {
        let applied = try await sandbox.tproxy(
            ["apply", "--no-preflight", "--backend", backend, "--config", "-"], input: Self.yaml)
        try #require(applied.status == 0, "\(applied.errors)")
    }

    /// The preflight's findings about firewalls.
    func findings(_ backend: String = "nft") async throws -> [Found] {
        struct Report: Decodable {
            var findings: [Found]
        }
        let outcome = try await sandbox.tproxy(
            ["preflight", "--output", "json", "--backend", backend, "--config", "-"],
            input: Self.yaml)
        try #require([0, 2].contains(outcome.status), "\(outcome.errors)")
        #expect(!outcome.output.contains("not-looked-at"), "\(outcome.output)")
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        return report.findings.filter { $0.id.hasPrefix("firewall-") }
    }

    /// Whether a probe of the application or of the other host reaches the proxy.
    ///
    /// It waits one second for a probe that should be lost, and for one that should arrive as long
    /// as a busy machine may need.
    func arrives(
        _ probe: FirewallCase.Probe, _ family: String, expecting expected: Bool
    ) async throws -> Bool {
        let client = """
            import socket, sys, time
            probe, family, wait = sys.argv[1], sys.argv[2], float(sys.argv[3])
            kind = socket.AF_INET if family == "IPv4" else socket.AF_INET6
            here = "192.0.2.1" if family == "IPv4" else "2001:db8::1"
            there = "192.0.2.2" if family == "IPv4" else "2001:db8::2"
            end = time.monotonic() + wait
            try:
                if probe == "dns":
                    one = socket.socket(kind, socket.SOCK_DGRAM)
                    one.settimeout(wait)
                    one.connect((there, 53))
                    one.send(b"query")
                    one.recv(64)
                else:
                    one = socket.socket(kind, socket.SOCK_STREAM)
                    one.settimeout(wait)
                    one.connect((here if probe == "incoming" else there, 80))
            except OSError:
                sys.exit(1)
            """
        let place = probe == .incoming ? "nsenter --net=/proc/\(peer)/ns/net " : ""
        let outcome = try await sandbox.run(
            "sh",
            [
                "-c",
                "exec \(place)setpriv --reuid 1000 --clear-groups /usr/bin/python3 -c '\(client)'"
                    + " \(probe.rawValue) \(family) \(expected ? 30 : 1)",
            ])
        return outcome.status == 0
    }

    /// The command of a remedy: the text between the quotes.
    static func commands(in remedy: String) -> String {
        remedy.split(separator: "'", omittingEmptySubsequences: false).dropFirst().first
            .map(String.init) ?? ""
    }
}
