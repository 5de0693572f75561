import FaultPoints
import Foundation
import TproxyTestSupport

/// A scenario that is prepared for faults.
struct FaultBench {
    struct Unprepared: Error, CustomStringConvertible {
        let description: String
    }

    let scenario: FaultScenario
    private let folder: TestFolder
    /// How often a run without a fault passes each step.
    let steps: [(step: SystemStep, count: Int)]

    init(_ scenario: FaultScenario) async throws {
        try PrivateNamespace.require()
        let folder = try TestFolder()
        let facts = ApplyTests.facts
        try facts.write(toFile: folder.path(of: "facts.json"), atomically: false, encoding: .utf8)
        let outcome = try await Self.run(FaultScript.prepare(scenario), folder, in: ".")
        let said = (try? String(contentsOfFile: folder.path(of: "said"), encoding: .utf8)) ?? ""
        guard outcome.status == 0 else {
            throw Unprepared(description: "\(scenario.name): \(outcome.errors)\(said)")
        }
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: folder.path(of: name), encoding: .utf8)
        }
        guard try text("old") != text("new"), try text("gone") == text("clean") else {
            throw Unprepared(
                description:
                    "\(scenario.name): the command changes nothing, or its undo leaves something")
        }
        steps = SystemStep.counts(inTrace: try text("trace"))
        self.scenario = scenario
        self.folder = folder
    }

    /// All faults that are worth trying.
    var requests: [String] { steps.flatMap { $0.step.requests(passed: $0.count) } }

    func attempt(_ request: String) async throws -> FaultOutcome {
        let name = request.replacing(":", with: "-")
        try FileManager.default.createDirectory(
            atPath: folder.path(of: name), withIntermediateDirectories: false)
        let ran = try await Self.run(
            FaultScript.attempt(scenario), folder, in: name, ["TPROXY_FAULT": request])
        guard let outcome = FaultOutcome(request, output: ran.output, errors: ran.errors) else {
            throw Unprepared(
                description: "\(scenario.name), \(request): \(ran.output)\(ran.errors)")
        }
        return outcome
    }

    private static func run(
        _ script: String, _ folder: TestFolder, in name: String,
        _ environment: [String: String] = [:]
    ) async throws -> Command.Outcome {
        try await Command.run(
            "unshare", ["--net", "--mount", "sh", "-c", script],
            environment: environment.merging([
                "T": Command.tproxy, "FACTS": folder.path(of: "facts.json"),
                "HOME_OF_TEST": folder.path(of: "."),
            ]) { $1 }, in: folder.path(of: name))
    }
}
