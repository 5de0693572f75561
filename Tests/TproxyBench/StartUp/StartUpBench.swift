/// Measures commands that load nothing, beside nft's for the same question.
struct StartUpBench {
    let setting: BenchSetting
    let progress: (String) -> Void

    /// A command of tproxy, and a similar one of nft.
    struct Pair: Hashable {
        var ours: String
        var theirs: String
    }

    struct Results: Hashable {
        struct Entry: Hashable {
            var pair: Pair
            var ours: [Cost]
            var theirs: [Cost]

            func ratio(_ measure: Measure) -> Spread? {
                measure.ratio(ours.map(measure.value(of:)), to: theirs.map(measure.value(of:)))
            }
        }

        var entries: [Entry] = []
        var fixed: FixedCost
    }

    func run() throws(BenchError) -> Results {
        progress("starting up")
        let workshop = try Workshop(limit: setting.limit)
        defer { workshop.remove() }
        let files = try RulesetFiles(
            ExclusionList(count: 0, variant: .original), for: [.nft, .nftNew], setting, in: workshop
        )
        let arena = try Arena()
        try workshop.run(.installed("nft", ["-f", files.nft]))
        var results = Results(
            fixed: try FixedCostBench(setting: setting, workshop: workshop).run(files))
        try arena.enter()
        let calls: [(Pair, ProgramCall, ProgramCall)] = [
            (
                Pair(ours: "tproxy --version", theirs: "nft --version"),
                ProgramCall(setting.program, ["--version"]), try .installed("nft", ["--version"])
            ),
            (
                Pair(ours: "tproxy plan", theirs: "nft -c -f"),
                ProgramCall(setting.program, ["plan"] + files.inputs),
                try .installed("nft", ["-c", "-f", files.nft])
            ),
            (
                Pair(ours: "tproxy status", theirs: "nft list table"),
                ProgramCall(setting.program, ["status"]),
                try .installed("nft", ["list", "table", "inet", "tproxy_mesh"])
            ),
        ]
        results.entries = calls.map { Results.Entry(pair: $0.0, ours: [], theirs: []) }
        for round in 0...(setting.pace.rounds * 2) {
            for index in Pace.order(Array(calls.indices), round: round) {
                let ours = try workshop.measure([calls[index].1])
                let theirs = try workshop.measure([calls[index].2])
                // The first round warms up.
                guard round > 0, let ours, let theirs else { continue }
                results.entries[index].ours.append(ours)
                results.entries[index].theirs.append(theirs)
            }
        }
        return results
    }
}
