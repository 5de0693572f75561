import Addressing
import Foundation
import Review
import RuleIR
import RuleTrace
import TproxyTestSupport

/// Pages in a new folder, as the command writes them.
struct PageFile {
    let folder: URL

    /// The page that the documents show: a change of loaded rules.
    static let ofTheDocuments = Scenario.root.appendingPathComponent("docs/review.html")

    /// Runs `body` with an empty folder, and deletes it afterwards.
    static func with(_ body: (PageFile) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(PageFile(folder: folder))
    }

    /// The page of a scenario.
    func make(_ scenario: Scenario) async throws -> URL {
        let plan = try await Command.tproxy(
            ["plan", "--format", "html", "--config", "tproxy.yaml", "--facts", "facts.json"],
            in: scenario.folder.path)
        return try write(plan.output, "\(scenario).html")
    }

    /// The page of rules that no configuration comes to.
    func make(_ ruleset: Ruleset) throws -> URL {
        let review = Review(
            making: Review.Making(
                host: "a test", time: nil, version: "test", files: [], commandLine: "none"),
            name: "rules of a test", digest: "none", ruleset: ruleset,
            flow: try PacketFlow(ruleset, segmentOffset: 1), proxyUser: .kumaDefault,
            addresses: LocalAddresses(loopback: .loopback, entries: nil),
            changes: ReviewChanges(state: .empty, heading: "all to add", title: "all to add"),
            traffic: ReviewTraffic(isKnown: false), originOf: { _ in "default" })
        return try write(ReviewPage(review).text, "page.html")
    }

    /// The page of a configuration that is in a file called `name`.
    ///
    /// The host is that of the default scenario if no facts are given.
    func make(
        _ yaml: String, named name: String = "tproxy.yaml", facts: String? = nil
    ) async throws -> URL {
        _ = try write(yaml, name)
        let standard = Scenario.root.appendingPathComponent("rulesets/default/facts.json").path
        let host = try facts.map { try write($0, "facts.json").path } ?? standard
        let plan = try await Command.tproxy(
            ["plan", "--format", "html", "--config", name, "--facts", host], in: folder.path)
        return try write(plan.output, "page.html")
    }

    private func write(_ text: String, _ name: String) throws -> URL {
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file
    }
}

extension Scenario {
    static func named(_ name: String) throws -> Scenario {
        guard let scenario = all.first(where: { $0.name == name }) else {
            throw CocoaError(.fileNoSuchFile)
        }
        return scenario
    }
}
