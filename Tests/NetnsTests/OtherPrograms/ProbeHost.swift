import Foundation
import Testing
import TproxyTestSupport

/// A packet to send, and how `explain` calls it.
struct ProbePacket: Sendable, CustomStringConvertible {
    enum Origin: Sendable {
        /// A process of the host, of this UID.
        case host(Int)
        /// The other host, 198.51.100.2.
        case peer
        case pod
    }

    var origin: Origin
    var transport: String
    var address: String
    var port: Int

    init(_ origin: Origin, _ transport: String, _ address: String, _ port: Int) {
        self.origin = origin
        self.transport = transport
        self.address = address
        self.port = port
    }

    /// The packet as a line of `explain --packets`.
    var description: String {
        let isIPv6 = address.contains(":")
        let end = isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        return switch origin {
        case .host(let user): "out \(transport) uid=\(user) to=\(end)"
        case .peer:
            "in \(transport) from=\(isIPv6 ? "2001:db8:1::2" : "198.51.100.2") to=\(end) on=probe0"
        case .pod:
            "in \(transport) from=\(isIPv6 ? "2001:db8:9::2" : "10.88.9.2") to=\(end) on=pod0"
        }
    }
}

/// A host with other programs' rules, another host, and a pod; all answer with their address.
struct ProbeHost {
    let sandbox: Sandbox
    /// The file of the program that answers and probes.
    private let program: String
    private let peer: String
    private let pod: String

    struct Explained: Decodable {
        struct Rule: Decodable {
            var place: String
        }

        struct Alternative: Decodable {
            var outcome: String
            var address: String?
            var port: UInt16?
        }

        struct Answer: Decodable {
            var outcome: String
            var address: String?
            var port: UInt16?
            var alternatives: [Alternative]?
            var doubts: [Rule]
        }

        struct Source: Decodable {
            struct Unseen: Decodable {
                var table: String
                var chain: String
            }

            var unseen: [Unseen]
        }

        var answers: [Answer]
        var source: Source
    }

    private static let ports = "22 25 53 80 81 2222 6443 8080 8081 9000 30080"

    /// Runs `body` in `sandbox`; no rules are loaded yet.
    static func with(
        in sandbox: Sandbox, _ body: (ProbeHost) async throws -> Void
    ) async throws {
        let folder = try TestFolder()
        let program = folder.path(of: "probe.py")
        try ProbeScript.program.write(toFile: program, atomically: true, encoding: .utf8)
        let held = try await sandbox.shell(ProbeScript.setUp).split { $0.isWhitespace }
            .map(String.init)
        try #require(held.count == 3)
        let host = ProbeHost(
            sandbox: sandbox, program: program, peer: held[0], pod: held[1])
        var processes = held
        let outcome: Result<Void, any Error>
        do {
            for place in [""] + held.map(host.entry) {
                let server = try await sandbox.shell(
                    "\(place) /usr/bin/python3 \(program) serve \(ports)")
                processes.append(server.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            outcome = .success(try await body(host))
        } catch {
            outcome = .failure(error)
        }
        withExtendedLifetime(folder) {}
        try await sandbox.shell("kill -KILL \(processes.joined(separator: " "))")
        try outcome.get()
    }

    private func entry(_ process: String) -> String { "nsenter --net=/proc/\(process)/ns/net" }

    /// Starts to answer in another network namespace, that of a container.
    func serve(inNamespaceOf process: String) async throws {
        try await sandbox.shell(
            "\(entry(process)) /usr/bin/python3 \(program) serve \(Self.ports)")
    }

    /// The listings of the host's rules, as files for `explain`.
    func listings(_ folder: TestFolder) async throws -> [String] {
        var files: [String] = []
        for (name, command) in HostListing.commands {
            let text = try await sandbox.shell(command)
            guard HostListing.hasRules(text) else { continue }
            try text.write(toFile: folder.path(of: name), atomically: true, encoding: .utf8)
            files.append(folder.path(of: name))
        }
        return files
    }

    func explain(_ packets: [ProbePacket], _ files: [String]) async throws -> Explained {
        let folder = try TestFolder()
        let facts = try await sandbox.tproxy(["facts", "--kuma-dp-user", "5678"])
        try #require(facts.status == 0, "\(facts.errors)")
        let path = folder.path(of: "facts.json")
        try facts.output.write(toFile: path, atomically: true, encoding: .utf8)
        let outcome = try await Command.tproxy(
            ["explain", "--facts", path, "--packets", "-", "--output", "json"]
                + files.flatMap { ["--ruleset", $0] },
            input: packets.map(\.description).joined(separator: "\n"))
        try #require(outcome.status == 0, "\(outcome.errors)")
        let explained = try JSONDecoder().decode(
            Explained.self, from: Data(outcome.output.utf8))
        try #require(explained.answers.count == packets.count)
        return explained
    }

    /// Sends the packets; returns where each arrived, as `ADDRESS PORT` or `nowhere`.
    func send(_ packets: [ProbePacket], waiting wait: [Int]) async throws -> [String] {
        var landed = [String](repeating: "", count: packets.count)
        let groups = Dictionary(grouping: packets.indices) { index in
            switch packets[index].origin {
            case .host(let user): "setpriv --reuid \(user) --clear-groups"
            case .peer: entry(peer)
            case .pod: entry(pod)
            }
        }
        for (place, indices) in groups {
            let lines = indices.map {
                "\(packets[$0].transport) \(packets[$0].address) \(packets[$0].port) \(wait[$0])"
            }
            let outcome = try await sandbox.run(
                "sh", ["-c", "exec \(place) /usr/bin/python3 \(program) probe"],
                input: lines.joined(separator: "\n") + "\n")
            let answers = outcome.output.split(separator: "\n").map(String.init)
            try #require(answers.count == indices.count, "\(outcome.errors)")
            for (index, answer) in zip(indices, answers) { landed[index] = answer }
        }
        return landed
    }

    /// Requires that every packet arrives where `explain` says, and that nothing is in doubt.
    ///
    /// `files` are listings; without them, those of the loaded rules.
    func expectAgreement(
        _ packets: [ProbePacket], _ files: [String]? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let folder = try TestFolder()
        let explained: Explained
        if let files {
            explained = try await explain(packets, files)
        } else {
            explained = try await explain(packets, try await listings(folder))
        }
        // firewalld has empty bridge tables too, whose chains see only what a bridge forwards.
        let unseen = explained.source.unseen.filter { !$0.table.hasPrefix("bridge ") }
        #expect(unseen.isEmpty, "\(unseen)", sourceLocation: sourceLocation)
        withExtendedLifetime(folder) {}
        // A packet that should be lost is waited for briefly, any other as long as it takes.
        let landed = try await send(
            packets, waiting: explained.answers.map { $0.outcome == "dropped" ? 1 : 30 })
        for ((packet, answer), place) in zip(zip(packets, explained.answers), landed) {
            let places = Self.places(of: answer, packet)
            #expect(
                places.contains {
                    place == $0 || $0.hasPrefix("* ") && place.hasSuffix($0.dropFirst())
                },
                "\(packet): explained \(answer.outcome) \(places), arrived at \(place)",
                sourceLocation: sourceLocation)
            #expect(
                answer.doubts.isEmpty, "\(packet): \(answer.doubts.map(\.place))",
                sourceLocation: sourceLocation)
        }
        // A test in which all packets have one outcome proves little.
        #expect(
            Set(explained.answers.map(\.outcome)).count > 1, sourceLocation: sourceLocation)
    }

    /// The places where a packet may arrive; `* PORT` is a port of any address of the host.
    private static func places(
        of answer: Explained.Answer, _ packet: ProbePacket
    ) -> [String] {
        let all =
            [
                Explained.Alternative(
                    outcome: answer.outcome, address: answer.address, port: answer.port)
            ]
            + (answer.alternatives ?? [])
        return all.map { one in
            switch one.outcome {
            case "redirected": "* \(one.port ?? 0)"
            case "translated": "\(one.address ?? "?") \(one.port ?? 0)"
            case "dropped": "nowhere"
            case _: "\(packet.address) \(packet.port)"
            }
        }
    }
}
