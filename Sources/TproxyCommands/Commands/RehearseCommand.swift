import Addressing
import ArgumentParser
import Rehearsal
import RuleIR
import RuleTrace
import TproxyOperations

struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Apply in throwaway namespaces, send real packets and compare with explain.",
        discussion: """
            Needs root. The rehearsal doesn't touch this host's network and leaves nothing behind, \
            however it ends. Exits 1 if an outcome differs from explain.
            """)

    @Option(
        help: ArgumentHelp(
            "Send this many random packets instead; print only those with a wrong outcome.",
            valueName: "count"))
    var random: Int?

    @Option(help: "The seed of the random packets; the same seed gives the same packets.")
    var seed: UInt64?

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var screen: ScreenOptions

    @OptionGroup var options: PlanOptions

    func validate() throws {
        guard random.map({ (1...100_000).contains($0) }) ?? true else {
            throw ValidationError("--random takes a number of 1...100000")
        }
        guard seed == nil || random != nil else {
            throw ValidationError("--seed is for --random")
        }
    }

    func run() throws {
        let plan = try options.plan(interface: .loopback)
        let rehearsal = PlanRehearsal(plan, options.backend.choice(for: plan))
        let sample = RandomSample(count: random, seed: seed)
        let results = try rehearsal.run(sample.paths(for: plan.ruleset, rehearsal.setting))
        let report = RehearsalReport(results, RuleTrace(plan.ruleset), seed: sample.seed)
        switch output {
        case .text: Console.result(report.text)
        case .json: try Console.document(report)
        }
        guard report.isAsExpected else { throw ExitStatus.failed.code }
    }
}

/// The number of random packets; without it, the packets for the rules are sent.
private struct RandomSample {
    private let count: Int?
    /// The seed; nil without a count.
    let seed: UInt64?

    init(count: Int?, seed: UInt64?) {
        self.count = count
        self.seed = count.map { _ in seed ?? .random(in: 0...UInt64(UInt32.max)) }
    }

    /// Returns the packets; random ones are named as in a file for `explain --packets`.
    func paths(for ruleset: Ruleset, _ setting: RehearsalSetting) -> [RehearsalPath] {
        guard let count, let seed else { return PathGenerator.paths(for: ruleset, setting) }
        return RandomPaths.paths(count, for: ruleset, setting, seed: seed).map { path in
            var path = path
            path.name = PacketLine.Fields(path.packet).text
            return path
        }
    }
}
