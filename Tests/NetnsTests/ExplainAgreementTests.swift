import Foundation
import Rehearsal
import Testing
import TproxyTestSupport

/// What `explain` says of 10,000 packets by chance is where real packets land.
///
/// The packets are sent by one command and explained by another, which knows of them only what a
/// file of packets says.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ExplainAgreementTests {
    private struct Sent: Decodable {
        struct Path: Decodable {
            var path: String
            var landed: String
        }

        var seed: UInt64
        var paths: [Path]
    }

    private struct Explained: Decodable {
        struct Answer: Decodable {
            var outcome: String
            var port: UInt16?

            /// As a rehearsal has it.
            var landing: String {
                switch outcome {
                case "redirected": "proxy :\(port ?? 0)"
                case "dropped": "nowhere"
                case _: "destination"
                }
            }
        }

        var answers: [Answer]
    }

    private static let perScenario = 10_000 / Scenario.all.count + 1

    @Test(arguments: Scenario.all)
    func explainAgreesWithPacketsUnderNft(scenario: Scenario) async throws {
        try await Self.compare(scenario, backend: "nft", count: Self.perScenario)
    }

    @Test(arguments: Scenario.all.filter { ["default", "everything", "vnet"].contains($0.name) })
    func explainAgreesWithPacketsUnderIptables(scenario: Scenario) async throws {
        try await Self.compare(scenario, backend: "iptables-nft", count: 300)
    }

    @Test func thereAreTenThousand() {
        #expect(Self.perScenario * Scenario.all.count >= 10_000)
    }

    private static func compare(
        _ scenario: Scenario, backend: String, count: Int
    ) async throws {
        let seed = SeededGenerator.forTest().seed
        let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json", "--output", "json"]
        let start = ContinuousClock.now
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.tproxy(
                [
                    "rehearse", "--backend", backend, "--random", "\(count)", "--seed", "\(seed)",
                ] + inputs, in: scenario.folder.path)
            let sent = try JSONDecoder().decode(Sent.self, from: Data(outcome.output.utf8))
            try #require(sent.paths.count == count && sent.seed == seed)
            let explained = try await Command.tproxy(
                ["explain", "--packets", "-"] + inputs,
                input: sent.paths.map(\.path).joined(separator: "\n"), in: scenario.folder.path)
            let answers = try JSONDecoder().decode(
                Explained.self, from: Data(explained.output.utf8)
            ).answers
            try #require(answers.count == count, "\(explained.errors)")
            let wrong = zip(sent.paths, answers).filter { $0.landed != $1.landing }
            for (path, answer) in wrong.prefix(5) {
                Issue.record(
                    "seed \(seed): \(path.path): explained \(answer.landing), landed \(path.landed)"
                )
            }
            #expect(wrong.isEmpty, "seed \(seed): \(wrong.count) of \(count) packets")
            let kinds = Dictionary(grouping: answers, by: \.landing).mapValues(\.count)
            // No test is worth much in which all packets go one way.
            #expect(kinds.count > 1, "seed \(seed): \(kinds)")
            let counts = kinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            print(
                "explain agrees on \(count - wrong.count) of \(count) packets, \(scenario) by",
                "\(backend), seed \(seed): \(counts.joined(separator: ", ")),",
                (ContinuousClock.now - start).formatted(.units(allowed: [.seconds])))
        }
    }
}
