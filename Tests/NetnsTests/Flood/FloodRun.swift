import Foundation
import Testing
import TproxyTestSupport

/// The result of a flood of segments while two plans were applied in turn.
struct FloodRun {
    let kind: FloodKind
    let backend: BackendUnderTest
    let counts: FloodCounts
    private(set) var changes = 0
    /// Commands that failed or changed nothing.
    private(set) var failed = -1
    let errors: String

    init(_ kind: FloodKind, _ backend: BackendUnderTest, _ amount: FloodAmount) async throws {
        self.kind = kind
        self.backend = backend
        let folder = try TestFolder()
        for (number, plan) in kind.plans.enumerated() {
            try plan.write(
                toFile: folder.path(of: "plan\(number).yaml"), atomically: true, encoding: .utf8)
        }
        try ApplyTests.facts.write(
            toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
        let script = FloodScript(kind: kind, backend: backend, amount: amount)
        try script.text.write(
            toFile: folder.path(of: "script"), atomically: true, encoding: .utf8)
        let isolated = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        var outcome: Command.Outcome?
        try await Sandbox.with { sandbox in
            outcome = try await sandbox.run(
                "unshare", isolated + ["bash", "script"], in: folder.url.path)
        }
        let ended = try #require(outcome)
        errors = ended.errors
        try #require(ended.status == 0, "\(ended.output)\(ended.errors)")
        var seen = ""
        for line in ended.output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "changes": changes = Int(parts[1]) ?? 0
            case "failed": failed = Int(parts[1]) ?? -1
            case "seen": seen = String(parts[1])
            default: continue
            }
        }
        counts = try FloodCounts(seen)
    }

    /// The segments that were treated as neither plan says.
    var wrong: Int { findings.map(\.wrong).reduce(0, +) }

    /// Each target, and how its segments were treated.
    var findings: [Finding] {
        let targets = kind.probes.flatMap { probe in probe.targets.map { ($0, probe) } }
        return targets.enumerated().map { index, target in
            let (name, probe) = target
            let redirected = counts.split(index + 1, at: kind.proxyPort)
            let bypassed = counts.split(index + 1, at: probe.port)
            let sent = redirected.there + redirected.elsewhere
            let wrong =
                switch probe.treatment {
                case .redirected: redirected.elsewhere
                case .bypassed: bypassed.elsewhere
                case .changing: sent - redirected.there - bypassed.there
                }
            return Finding(
                target: name, treatment: probe.treatment, redirected: redirected.there,
                bypassed: bypassed.there, wrong: wrong)
        }
    }

    struct Finding: CustomStringConvertible {
        var target: String
        var treatment: FloodProbe.Treatment
        var redirected: Int
        var bypassed: Int
        var wrong: Int

        var description: String {
            "\(target), \(treatment): \(redirected) redirected, \(bypassed) bypassed, \(wrong) wrong"
        }
    }

    /// A row of docs/reliability.md.
    var row: String {
        let numbers = [counts.total, changes, wrong].map {
            $0.formatted(.number.locale(.init(identifier: "en_US")))
        }
        return "| \(kind.rawValue) | \(backend) | \(numbers.joined(separator: " | ")) |"
    }
}
