import ArgumentParser
import TproxyOperations

/// The file that a plan is written to.
struct PlanFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also write the plan to this file, for 'tproxy apply --plan'.",
            discussion: "It holds the rules, their inputs and the loaded rules.",
            valueName: "file"), completion: .file())
    var outputFile: String?

    @Option(
        help: ArgumentHelp(
            "The rules that are loaded on the host of the plan.",
            discussion: """
                The output of 'tproxy status --output json' there, or 'none'. By default tproxy reads \
                this host's, if the plan is for this host and it has CAP_NET_ADMIN.
                """, valueName: "file|none"), completion: .file())
    var loaded: String?

    @Flag(help: "With --output-file, replace the file even if it isn't a plan.")
    var force = false

    func validate() throws {
        guard !force || outputFile != nil else {
            throw ValidationError("--force is for --output-file alone")
        }
        guard loaded == nil || outputFile != nil else {
            throw ValidationError("--loaded is for --output-file alone")
        }
    }

    /// Writes the plan if a file was given.
    func write(_ plan: Plan, _ choice: BackendChoice, isForThisHost: Bool) throws {
        guard let outputFile else { return }
        let recorded: PlanFileWriting.Loaded =
            loaded.map { .argument($0) } ?? (isForThisHost ? .here : .elsewhere)
        try PlanFileWriting(plan, choice, loaded: recorded)
            .write(to: outputFile, isForced: force) { Console.report($0) }
    }
}
