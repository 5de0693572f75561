import Foundation
import Testing
import TproxyTestSupport

/// A host in a namespace: an interface, and a proxy that listens correctly.
struct PreflightHost {
    let sandbox: Sandbox
    private(set) var processes: [String] = []

    /// The sockets of an ordinary kuma-dp.
    static let proxy = ["tcp,::,15006", "tcp,::,15001"]

    /// Runs `body` on a host without the proxy, and ends the processes that it started.
    static func with(_ body: (inout PreflightHost) async throws -> Void) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                """
                ip link add eth0 type veth peer name eth1
                ip addr add 192.0.2.1/24 dev eth0
                ip addr add 2001:db8::1/64 dev eth0 nodad
                ip link set eth0 up; ip link set eth1 up
                """)
            var host = PreflightHost(sandbox: sandbox)
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(&host))
            } catch {
                outcome = .failure(error)
            }
            try await host.end()
            try outcome.get()
        }
    }

    /// A process of `user` with sockets: `tcp,ADDRESS,PORT` and `udp,ADDRESS,PORT` listen,
    /// `connect,ADDRESS,PORT` is a connection.
    ///
    /// It has them when this returns. `namespace` is a process whose network namespace it enters.
    mutating func run(
        as user: Int, _ sockets: [String], in namespace: String? = nil
    ) async throws {
        let entering = namespace.map { "nsenter --net --target \($0) " } ?? ""
        let id = try await sandbox.shell(
            """
            \(entering)setpriv --reuid \(user) --clear-groups /usr/bin/python3 -c '
            import os, socket, sys, time
            kept = []
            for kind, address, port in (word.split(",") for word in sys.argv[1:]):
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                type = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
                one = socket.socket(family, type)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if kind == "connect":
                    one.connect((address, int(port)))
                else:
                    one.bind((address, int(port)))
                    if kind == "tcp":
                        one.listen()
                kept.append(one)
            child = os.fork()
            if child:
                print(child)
                sys.exit()
            for number in range(3):
                os.close(number)
            time.sleep(300)
            ' \(sockets.joined(separator: " "))
            """)
        processes.append(id.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Creates a namespace at the other end of the interface, 192.0.2.2; returns the process that
    /// holds it.
    mutating func addPeer() async throws -> String {
        let id = try await sandbox.shell(
            """
            unshare --net sleep 300 > /dev/null 2>&1 < /dev/null & peer=$!
            until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
                sleep 0.05
            done
            ip link set eth1 netns $peer
            nsenter --net --target $peer sh -c '
                ip addr add 192.0.2.2/24 dev eth1; ip link set eth1 up; ip link set lo up'
            echo $peer
            """
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        processes.append(id)
        return id
    }

    /// Ends all processes that were started.
    mutating func end() async throws {
        for id in processes {
            _ = try await sandbox.run("kill", ["-KILL", id])
        }
        // The kernel closes their sockets a moment later.
        while let id = processes.first {
            let isThere = try await sandbox.run("test", ["-e", "/proc/\(id)/fd/3"]).status == 0
            if !isThere { processes.removeFirst() }
        }
    }

    /// The identifiers of the preflight's findings for a configuration.
    func findings(_ yaml: String = "", backend: String = "nft") async throws -> [String] {
        struct Report: Decodable {
            struct Finding: Decodable {
                var id: String
                var severity: String
            }

            var findings: [Finding]
            var diagnostics: [Finding]
        }
        let user = yaml.contains("kumaDPUser") ? "" : "kumaDPUser: \"5678\"\n"
        let outcome = try await sandbox.tproxy(
            ["preflight", "--output", "json", "--backend", backend, "--config", "-"],
            input: user + yaml)
        try #require([0, 2].contains(outcome.status), "\(outcome.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        // Warnings about the configuration are among the diagnostics.
        let isWarned = (report.findings + report.diagnostics).contains { $0.severity == "warning" }
        #expect(isWarned == (outcome.status == 2))
        return report.findings.map(\.id)
    }
}
