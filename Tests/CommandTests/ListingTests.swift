import Foundation
import Testing
import TproxyTestSupport

/// Listings of hosts with other programs (Tests/Listings), explained without privileges.
///
/// `OtherProgramsTests` and `RealProgramsTests` compare such answers with real packets.
@Suite struct ListingTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Listings")

    /// A node with the addresses of the cluster that kube-proxy's listings come from.
    private static let node = """
        {"proxyUser": 5678, "loopback": "lo", "resolvers": [], "hasDockerDNSChain": false,
         "ipv6": {"isUsable": true, "reason": "test"},
         "addresses": [
            {"interface": "eth0", "address": "10.200.0.1", "prefixLength": 24},
            {"interface": "cni0", "address": "10.88.9.1", "prefixLength": 24}]}
        """

    private struct Answers: Decodable {
        struct Answer: Decodable {
            struct Rule: Decodable {
                var place: String
            }

            var outcome: String
            var address: String?
            var port: UInt16?
            var deciding: Rule?
            var doubts: [Rule]

            var words: String {
                let target = address.map { " \($0)" } ?? ""
                return outcome + target + (port.map { " \($0)" } ?? "")
            }
        }

        struct Source: Decodable {
            struct Unseen: Decodable {
                var chain: String
            }

            var ruleCount: Int
            var unseen: [Unseen]
        }

        struct Finding: Decodable {
            var id: String
            var message: String
            var notes: [String]
            var remedy: String?

            var words: String {
                (["[\(id)]", message] + notes + [remedy ?? ""]).joined(separator: "\n")
            }
        }

        var answers: [Answer]
        var source: Source
        var diagnostics: [Finding]
    }

    private func explain(
        _ packets: [String], _ files: [String], facts: String = node
    ) async throws -> (answers: Answers, errors: String) {
        let folder = try TestFolder()
        let path = folder.path(of: "facts.json")
        try facts.write(toFile: path, atomically: true, encoding: .utf8)
        let outcome = try await Command.tproxy(
            ["explain", "--facts", path, "--packets", "-", "--output", "json"]
                + files.flatMap { ["--ruleset", Self.folder.appendingPathComponent($0).path] },
            input: packets.joined(separator: "\n"))
        try #require(outcome.status == 0, "\(outcome.errors)")
        let answers = try JSONDecoder().decode(Answers.self, from: Data(outcome.output.utf8))
        return (answers, answers.diagnostics.map(\.words).joined(separator: "\n"))
    }

    private static func packets(_ service: String) -> [(packet: String, outcome: String)] {
        [
            ("out tcp uid=0 to=\(service):80", "translated 10.88.9.2 8080"),
            ("in tcp from=10.88.9.2 to=\(service):80 on=cni0", "translated 10.88.9.2 8080"),
            ("out udp uid=0 to=\(service):80", "untouched"),
            ("out tcp uid=1000 to=10.96.0.1:443", "translated 10.200.0.1 6443"),
            ("out tcp uid=0 to=10.200.0.1:30080", "translated 10.88.9.2 8080"),
            ("in tcp from=203.0.113.9 to=10.200.0.1:30080 on=eth0", "translated 10.88.9.2 8080"),
            ("in tcp from=203.0.113.9 to=10.200.0.1:30081 on=eth0", "untouched"),
            ("out tcp uid=0 to=10.88.9.2:8080", "untouched"),
        ]
    }

    @Test(arguments: [
        ("10.96.189.36", ["kube-proxy-nftables.nft.json"]),
        ("10.96.105.138", ["kube-proxy-iptables.iptables-save"]),
        (
            "10.96.105.138", ["kube-proxy-iptables.nft.json", "kube-proxy-iptables.iptables-save"]
        ),
        (
            "10.96.105.138", ["kube-proxy-iptables.iptables-save", "kube-proxy-iptables.nft.json"]
        ),
    ])
    func packetsToServicesAreFollowedToTheirPod(service: String, files: [String]) async throws {
        var packets = Self.packets(service)
        if files.count == 1, files[0].hasSuffix("json") {
            // kube-proxy's nftables rejects what is for a Service's address and no Service.
            packets = packets.map {
                $0.packet == "out udp uid=0 to=\(service):80" ? ($0.packet, "dropped") : $0
            }
        }
        let (explained, errors) = try await explain(packets.map(\.packet), files)
        for ((packet, outcome), answer) in zip(packets, explained.answers) {
            #expect(answer.words == outcome, "\(packet)")
            #expect(answer.doubts.isEmpty, "\(packet): \(answer.doubts)")
        }
        #expect(explained.source.unseen.isEmpty)
        // nft shows nothing of ip6tables' extensions, and no file has the rest.
        if files.count == 2 {
            #expect(errors.contains("[hidden-extensions]"))
            #expect(!errors.contains("table ip nat"), "\(errors)")
        }
    }

    private static let fromPeer = "from=198.51.100.2 to="

    /// The listings that the real programs made, with the facts of their host.
    @Test(arguments: [
        (
            "docker-nft", ["nft.json", "iptables-save"],
            [
                "in tcp \(fromPeer)198.51.100.1:8090 on=probe0": "translated 172.17.0.2 80",
                "out tcp uid=0 to=198.51.100.1:9090": "translated 172.17.0.2 81",
                "in udp \(fromPeer)198.51.100.1:5353 on=probe0": "translated 172.17.0.2 53",
                "in tcp \(fromPeer)10.200.0.1:9090 on=probe0": "untouched",
            ]
        ),
        (
            "firewalld-nftables", ["nft.json"],
            [
                "in tcp \(fromPeer)198.51.100.1:22 on=probe0": "untouched",
                "in tcp \(fromPeer)198.51.100.1:25 on=probe0": "dropped",
                "in tcp \(fromPeer)198.51.100.1:8080 on=probe0": "translated 10.88.9.2 80",
                "in tcp \(fromPeer)198.51.100.1:9000 on=probe0": "redirected 81",
                "in tcp \(fromPeer)10.88.9.2:80 on=probe0": "dropped",
            ]
        ),
        (
            "firewalld-iptables", ["nft.json", "iptables-save"],
            [
                "in tcp \(fromPeer)198.51.100.1:25 on=probe0": "dropped",
                "in tcp \(fromPeer)198.51.100.1:8080 on=probe0": "translated 10.88.9.2 80",
                "in udp \(fromPeer)198.51.100.1:53 on=probe0": "untouched",
                "in udp from=10.88.9.2 to=198.51.100.1:137 on=pod0": "untouched",
            ]
        ),
        (
            "ufw", ["nft.json", "iptables-save"],
            [
                "in tcp \(fromPeer)198.51.100.1:22 on=probe0": "untouched",
                "in tcp \(fromPeer)198.51.100.1:80 on=probe0": "dropped",
                "in tcp \(fromPeer)10.88.9.2:80 on=probe0": "untouched",
                "in tcp \(fromPeer)10.88.9.2:81 on=probe0": "dropped",
                "out tcp to=198.51.100.2:25": "dropped",
            ]
        ),
    ])
    func packetsAreFollowedThroughTheRulesOfRealPrograms(
        name: String, suffixes: [String], expected: [String: String]
    ) async throws {
        let facts = try String(
            contentsOf: Self.folder.appendingPathComponent("\(name).facts.json"), encoding: .utf8)
        let packets = expected.keys.sorted()
        let (explained, _) = try await explain(
            packets, suffixes.map { "\(name).\($0)" }, facts: facts)
        for (packet, answer) in zip(packets, explained.answers) {
            #expect(answer.words == expected[packet], "\(packet)")
            #expect(answer.doubts.isEmpty, "\(packet): \(answer.doubts)")
        }
    }

    /// nft alone lists only the names of iptables' extensions, and the answer says so.
    @Test func listingOfNftAloneLeavesIptablesExtensionsInDoubt() async throws {
        let (explained, errors) = try await explain(
            ["out tcp uid=0 to=10.96.105.138:80"], ["kube-proxy-iptables.nft.json"])
        let answer = try #require(explained.answers.first)
        #expect(!answer.doubts.isEmpty)
        #expect(answer.doubts.contains { $0.place.hasPrefix("table ip nat, chain KUBE-SEP-") })
        #expect(errors.contains("[hidden-extensions]"))
        #expect(errors.contains("iptables-save"))
    }
}
