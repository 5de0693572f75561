/// Measures how rules are loaded into the kernel.
struct ApplyingBench {
    let setting: BenchSetting
    let progress: (String) -> Void

    func run() throws(BenchError) -> ApplyingResults {
        var results = ApplyingResults(sizes: setting.sizes)
        for size in setting.sizes {
            progress("applying: \(Quantity.count(size)) exclusions")
            let workshop = try Workshop(limit: setting.limit)
            defer { workshop.remove() }
            try measure(size, in: workshop, &results)
        }
        return results
    }

    private func measure(
        _ size: Int, in workshop: Workshop, _ results: inout ApplyingResults
    ) throws(BenchError) {
        let original = try RulesetFiles(
            ExclusionList(count: size, variant: .original), setting, in: workshop)
        let changed = try RulesetFiles(
            ExclusionList(count: size, variant: .changed), setting, in: workshop)
        var runs: [ContenderRun] = []
        for contender in Contender.allCases {
            let run = ContenderRun(
                contender: contender, workshop: workshop, arena: try Arena(),
                original: original, changed: changed)
            if try run.prepare() {
                runs.append(run)
            } else {
                try add([:], contender, size, &results)
            }
        }
        var left: [Contender: Int] = [:]
        for run in runs {
            left[run.contender] = try warmUp(run, size, &results)
        }
        for round in 0..<setting.pace.rounds {
            for run in Pace.order(runs, round: round) {
                guard left[run.contender, default: 0] > 0 else { continue }
                left[run.contender, default: 0] -= 1
                try add(try run.round(), run.contender, size, &results)
            }
        }
        for run in runs where run.contender == .tproxy || run.contender == .nft {
            try count(run, size, &results)
        }
        try runs.first?.arena.enter()
    }

    /// Runs the first round, verifies its result, and returns how many rounds follow.
    private func warmUp(
        _ run: ContenderRun, _ size: Int, _ results: inout ApplyingResults
    ) throws(BenchError) -> Int {
        let start = Clock.seconds
        let costs = try run.round()
        let seconds = Clock.seconds - start
        let isWhole = !costs.values.contains(nil)
        if isWhole { try run.verify() }
        let rounds = setting.pace.rounds(after: seconds)
        guard isWhole else {
            try add(costs, run.contender, size, &results)
            return 0
        }
        guard setting.pace.countsFirst(seconds) else { return rounds }
        try add(costs, run.contender, size, &results)
        return rounds - 1
    }

    private func add(
        _ costs: [ApplyCase: Cost?], _ contender: Contender, _ size: Int,
        _ results: inout ApplyingResults
    ) throws(BenchError) {
        for step in contender.cases(size) {
            let key = ApplyingResults.Key(size: size, contender: contender, step: step)
            results.add(costs[step] ?? nil, key)
        }
    }

    /// Counts the messages to and from the kernel, in one more round.
    private func count(
        _ run: ContenderRun, _ size: Int, _ results: inout ApplyingResults
    ) throws(BenchError) {
        try run.arena.enter()
        try run.clear()
        for step in run.contender.cases(size) {
            let key = ApplyingResults.Key(size: size, contender: run.contender, step: step)
            results.traffic[key] = try NetlinkCount.of(run.calls(step), in: run.workshop)
        }
    }
}
