import JSON

/// Measures the eBPF backend beside nft's redirect and direct connections.
struct EBPFBench {
    let setting: BenchSetting
    let progress: (String) -> Void

    func run() throws(BenchError) -> EBPFResults {
        let workshop = try Workshop(limit: setting.limit)
        defer { workshop.remove() }
        let place = try EBPFPlace(workshop)
        defer { place.remove() }
        var results = EBPFResults(most: setting.sizes.max() ?? 0)
        var hosts: [(contender: EBPFContender, host: TestHost)] = []
        for contender in EBPFContender.allCases {
            progress("eBPF: loading rules: \(contender.title(results.most))")
            // A listener belongs to the cgroup in which it is created.
            try place.enter(contender.isEBPF)
            guard let host = try load(contender, results.most, place, workshop) else {
                throw .notAsExpected("\(contender.title(results.most)): not loaded in time")
            }
            if contender == .ebpfMany { results.memory = try memory(of: host, workshop) }
            hosts.append((contender, host))
        }
        progress("eBPF: \(hosts.count) hosts, \(setting.pace.rounds) rounds")
        for round in 0...setting.pace.rounds {
            for lap in 0..<setting.laps {
                for (contender, host) in Pace.order(hosts, round: round * setting.laps + lap) {
                    try place.enter(contender.isEBPF)
                    let sample = EBPFResults.Sample(
                        traffic: try host.sample(), bulk: try host.bulk())
                    // The first round warms up.
                    if round > 0 { results.add(sample, contender, round: round - 1) }
                }
            }
        }
        return results
    }

    private func load(
        _ contender: EBPFContender, _ most: Int, _ place: EBPFPlace, _ workshop: Workshop
    ) throws(BenchError) -> TestHost? {
        let list = ExclusionList(
            count: contender.hasExclusions ? most : 0, variant: .original)
        let files = try RulesetFiles(list, for: [], setting, in: workshop)
        let rules = TestRules(kind: contender.traffic, size: list.count)
        let calls =
            contender.isEBPF
            ? [
                ProgramCall(
                    setting.program,
                    [
                        "apply", "--backend", "ebpf", "--ebpf-bpffs-path", place.bpffs,
                        "--ebpf-cgroup-path", place.cgroup,
                    ] + files.inputs)
            ] : try TestHost.calls(rules, files, workshop)
        return try TestHost.loaded(rules, setting, in: workshop, by: calls)
    }

    /// The memory of the maps, as `tproxy status` reports it.
    private func memory(of host: TestHost, _ workshop: Workshop) throws(BenchError) -> Int? {
        let path = workshop.path("status.json")
        try host.run(
            ProgramCall(setting.program, ["status", "--output", "json"], output: path))
        guard let report = try? JSONValue(parsing: try TextFile.read(path)) else { return nil }
        return report["maps"]?.array?.compactMap { $0["memory"]?.number }.reduce(0, +)
    }
}

/// What connections meet.
enum EBPFContender: String, CaseIterable {
    /// No rules and no programs: connections go to the proxy directly.
    case direct
    /// nft's redirect: tproxy's rules by nft.
    case nft
    /// One nftables rule that redirects every connection.
    case smallest
    case ebpf
    /// With the most exclusions.
    case ebpfMany = "ebpf-exclusions"

    var isEBPF: Bool {
        switch self {
        case .direct, .nft, .smallest: false
        case .ebpf, .ebpfMany: true
        }
    }

    var hasExclusions: Bool { self == .ebpfMany }

    /// The kind of rules whose traffic is sent.
    var traffic: TestRules.Kind {
        switch self {
        case .direct: .none
        case .smallest: .smallest
        case .nft, .ebpf, .ebpfMany: .tproxy
        }
    }

    func title(_ most: Int) -> String {
        switch self {
        case .direct: "direct"
        case .nft: "tproxy, by nft"
        case .smallest: "smallest redirect by nft"
        case .ebpf: "tproxy, by eBPF"
        case .ebpfMany: "tproxy, by eBPF, \(Quantity.count(most)) exclusions"
        }
    }
}
