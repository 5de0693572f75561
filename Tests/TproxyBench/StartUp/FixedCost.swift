/// What `apply` of the default configuration costs, and what the program is.
struct FixedCost: Hashable {
    /// Of first applies, each in an empty namespace.
    var ours: [Cost]
    /// Of `nft -f` of the same table, each in an empty namespace.
    var theirs: [Cost]
    /// In the process of tproxy, without the process that libnftables runs in.
    var instructions: Int
    var program: ProgramFile

    /// The goals.
    var bars: [Bar] {
        [
            bar(
                "6a", "first apply by default: million instructions (callgrind)", 20,
                Spread([Double(instructions) / 1_000_000])),
            bar(
                "6b", "first apply by default: processor time to nft -f of the new table", 1.5,
                Measure.processor.ratio(
                    ours.map(Measure.processor.value(of:)),
                    to: theirs.map(Measure.processor.value(of:)))),
            bar("6c", "the program's file: MB", 16, Spread([Double(program.size) / 1_000_000])),
            bar(
                "6d", "the program's file: run paths, tables that stay writable", 0,
                Spread([Double(program.weaknesses)])),
        ]
    }

    private func bar(_ name: String, _ words: String, _ limit: Double, _ spread: Spread?) -> Bar {
        Bar(
            name: name, words: words, limit: limit,
            finding: spread.map { .measured($0) } ?? .notMeasured)
    }
}

/// Measures the fixed cost of a run.
struct FixedCostBench {
    let setting: BenchSetting
    let workshop: Workshop

    func run(_ files: RulesetFiles) throws(BenchError) -> FixedCost {
        var cost = FixedCost(
            ours: [], theirs: [], instructions: try instructions(files),
            program: try ProgramFile(setting.program, workshop))
        for round in 0...setting.pace.rounds {
            for contender in Pace.order([Contender.tproxy, .nftNew], round: round) {
                let arena = try Arena()
                try arena.enter()
                let found = try workshop.measure(files.calls(contender, replaces: false))
                // The first round warms up.
                guard round > 0, let found else { continue }
                if contender == .tproxy {
                    cost.ours.append(found)
                } else {
                    cost.theirs.append(found)
                }
            }
        }
        return cost
    }

    /// What callgrind counts in one apply.
    private func instructions(_ files: RulesetFiles) throws(BenchError) -> Int {
        // Valgrind can't read all that a compiler writes for debuggers.
        let copy = workshop.path("program")
        try workshop.run(.installed("strip", ["-o", copy, setting.program]))
        let profile = workshop.path("callgrind")
        let arena = try Arena()
        try arena.enter()
        // The preflight looks at every process: here there are two. The process of libnftables writes the same
        // file, and ends before its parent does.
        let valgrind = try ProgramCall.installed("valgrind", [])
        try workshop.run(
            .installed(
                "unshare",
                [
                    "--pid", "--fork", "--mount-proc", valgrind.program, "--tool=callgrind",
                    "--callgrind-out-file=\(profile)", copy, "apply",
                ] + files.inputs))
        var count: Int?
        try TextFile.forEachLine(profile) { line in
            let words = line.split(separator: " ")
            if words.first == "totals:", words.count > 1 { count = Int(words[1]) }
        }
        guard let count else { throw .notAsExpected("callgrind wrote no totals") }
        return count
    }
}
