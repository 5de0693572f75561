import Foundation
import Testing
import TproxyTestSupport

/// Real sockets connect to addresses that no packet has, and arrive where `explain` says.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct WireAddressTests {
    private struct Attempt: Decodable {
        /// Where the kernel sent it, as `explain` writes an endpoint.
        var peer: String
        /// The port that accepted the connection.
        var landed: UInt16
    }

    private struct Answer: Decodable {
        struct Asked: Decodable { var to: String }
        var asked: Asked
        var outcome: String
        var port: UInt16?
    }

    /// Listens on 8080, 15001 and 15006, connects, and prints which port accepted.
    private static let script = """
        import json, os, socket, sys
        def listener(port):
            one = socket.socket(socket.AF_INET6)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("::", port)); one.listen()
            return one
        listeners = {port: listener(port) for port in (8080, 15001, 15006)}
        source, target, uid = sys.argv[1:]
        os.setuid(int(uid))
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        client = socket.socket(family)
        client.settimeout(20)
        if source:
            client.bind((source, 0))
        client.connect((target, 8080))
        here = client.getsockname()[1]
        landed = None
        while landed is None:
            for port, one in listeners.items():
                one.settimeout(0.05)
                try:
                    accepted, peer = one.accept()
                except OSError:
                    continue
                if peer[1] == here:
                    landed = port
        address = client.getpeername()[0].removeprefix("::ffff:")
        text = f"[{address}]:8080" if ":" in address else f"{address}:8080"
        print(json.dumps({"peer": text, "landed": landed}))
        """

    @Test(
        arguments: [
            ("", "0.0.0.0"), ("", "::"), ("", "::ffff:0.0.0.0"), ("10.9.9.1", "0.0.0.0"),
            ("", "::ffff:10.9.9.1"), ("", "::ffff:127.0.0.1"), ("", "127.0.0.1"),
        ], ["0", "5678"])
    func connectionsToSpecialAddressesArriveWhereExplainSays(
        addresses: (String, String), uid: String
    ) async throws {
        let (source, target) = addresses
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                """
                ip link add d0 type veth peer name d1
                ip link set d0 up && ip link set d1 up && ip addr add 10.9.9.1/24 dev d0
                """)
            let facts = try await sandbox.tproxy(["facts", "--kuma-dp-user", "5678"])
            let inputs = ["--facts", "-"]
            let applied = try await sandbox.tproxy(["apply"] + inputs, input: facts.output)
            try #require(applied.status == 0, "\(applied.errors)")
            let ran = try await sandbox.run("python3", ["-c", Self.script, source, target, uid])
            let attempt = try JSONDecoder().decode(Attempt.self, from: Data(ran.output.utf8))
            let to = target.contains(":") ? "[\(target)]:8080" : "\(target):8080"
            let explained = try await sandbox.tproxy(
                ["explain", "--output", "json", "--to", to, "--uid", uid]
                    + (source.isEmpty ? [] : ["--from", source]) + inputs, input: facts.output)
            let answer = try JSONDecoder().decode(
                Answer.self, from: Data(explained.output.utf8))
            #expect(answer.asked.to == attempt.peer, "\(explained.errors)")
            let expected = answer.outcome == "redirected" ? answer.port : 8080
            #expect(attempt.landed == expected, "\(answer) \(ran.errors)")
        }
    }
}
