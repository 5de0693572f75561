/// One contender with the files of one size, in its own namespace.
struct ContenderRun {
    let contender: Contender
    let workshop: Workshop
    let arena: Arena
    let original: RulesetFiles
    let changed: RulesetFiles

    /// Runs every case once, starting with nothing loaded; a stopped case ends the round.
    func round() throws(BenchError) -> [ApplyCase: Cost?] {
        try arena.enter()
        try clear()
        var costs: [ApplyCase: Cost?] = [:]
        for step in contender.cases(original.list.count) {
            Clock.pause(settling)
            let cost = try workshop.measure(calls(step))
            costs[step] = .some(cost)
            guard cost != nil else { break }
        }
        return costs
    }

    /// Removes everything, including the address that tproxy adds.
    func clear() throws(BenchError) {
        try workshop.run(.installed("nft", ["flush", "ruleset"]))
        try workshop.run(
            .installed("ip", ["-6", "address", "flush", "to", "::6/128", "dev", "lo"]))
    }

    /// Prepares what the first round needs and what is not the contender's work.
    ///
    /// Returns false if that exceeds the time limit.
    func prepare() throws(BenchError) -> Bool {
        try arena.enter()
        switch contender {
        case .tproxy, .nft, .nftNew, .nftJSON, .perItem: return true
        case .kumactl, .kumactlRules: break
        }
        try clear()
        guard try workshop.measure(calls(.first)) != nil else { return false }
        try KumactlSequence(workshop: workshop).prepareCleaned()
        return true
    }

    /// Checks that the list of the last case is loaded.
    func verify() throws(BenchError) {
        guard original.list.count > 0 else { return }
        try arena.enter()
        let listing = workshop.path("listing")
        try workshop.run(.installed("nft", ["-nn", "list", "ruleset"], output: listing))
        let isChanged = contender.cases(original.list.count).contains(.one)
        let prefix = isChanged ? changed.list.changedPrefix : original.list.replacedPrefix
        do {
            try workshop.run(.installed("grep", ["-q", "-F", "-w", prefix, listing]))
        } catch {
            throw .notAsExpected("\(contender.title) did not load the exclusion of \(prefix)")
        }
    }

    func calls(_ step: ApplyCase) throws(BenchError) -> [ProgramCall] {
        try (step == .one ? changed : original).calls(contender, replaces: step != .first)
    }

    /// Seconds in which the kernel frees what the previous step removed.
    private var settling: Double { 0.02 + Double(original.list.count) * 2e-6 }
}
