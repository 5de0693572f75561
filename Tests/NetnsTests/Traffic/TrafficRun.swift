import Foundation
import Testing
import TproxyTestSupport

/// The amount of traffic: what `make traffic` sets, or a small one for every run of the tests.
struct TrafficAmount {
    var seconds: Int
    var applies: Int

    static let asked: TrafficAmount = {
        let variables = ProcessInfo.processInfo.environment
        let number = { (name: String, usual: Int) in variables[name].flatMap { Int($0) } ?? usual }
        return TrafficAmount(
            seconds: number("TPROXY_TRAFFIC_SECONDS", 8),
            applies: number("TPROXY_TRAFFIC_APPLIES", 20))
    }()

    /// For effects that a few replacements show.
    var small: TrafficAmount {
        TrafficAmount(seconds: max(1, seconds / 10), applies: max(4, applies / 10))
    }
}

/// Traffic through the redirect while its rules are replaced.
struct TrafficRun {
    private(set) var reports: [TrafficKind: TrafficReport] = [:]
    private var numbers: [String: Int] = [:]
    private let title: String
    private(set) var errors: String

    var applies: Int { numbers["applies"] ?? 0 }
    /// Commands that failed, or that found nothing to replace.
    var failed: Int? { numbers["failed"] }
    /// Handshakes with a retransmitted packet, of both hosts.
    var resentSYN: Int? { numbers["resentSYN"] }

    /// Applies `plans` by `backends` in turn, each after the shell commands `interruption`.
    init(
        _ title: String, _ backends: [BackendUnderTest], _ plans: [String],
        _ amount: TrafficAmount, interruption: String = ":"
    ) async throws {
        self.title = title
        let folder = try TestFolder()
        for (number, plan) in plans.enumerated() {
            try plan.write(
                toFile: folder.path(of: "plan\(number).yaml"), atomically: true, encoding: .utf8)
        }
        try ApplyTests.facts.write(
            toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
        let script = TrafficScript(
            plans: plans.count, backends: backends, interruption: interruption)
        let isolated = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        var outcome: Command.Outcome?
        try await Sandbox.with { sandbox in
            outcome = try await sandbox.run(
                "unshare", isolated + ["bash", "-c", script.text(amount)], in: folder.url.path)
        }
        let ended = try #require(outcome)
        errors = ended.errors
        try #require(ended.status == 0, "\(ended.output)\(ended.errors)")
        for line in ended.output.split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            let rest = line[space...].dropFirst()
            if let kind = TrafficKind(rawValue: String(line[..<space])) {
                reports[kind] = try TrafficReport(rest)
            } else {
                numbers[String(line[..<space])] = Int(rest)
            }
        }
        printFigures(backends)
    }

    /// The report of a kind, which must exist.
    func report(_ kind: TrafficKind) throws -> TrafficReport {
        try #require(reports[kind], "no report of \(kind.rawValue)")
    }

    /// Prints figures to the log of a run.
    private func printFigures(_ backends: [BackendUnderTest]) {
        let names = backends.map(\.rawValue).joined(separator: ", ")
        print("\(title), \(names): \(applies) replacements in \(numbers["milliseconds"] ?? 0) ms")
        for kind in TrafficKind.allCases {
            print("    \(kind.rawValue): \(reports[kind]?.description ?? "none")")
        }
    }
}
