/// Measures the cost of packets under rules.
struct DataPlaneBench {
    /// The exchanges for which packets that match a rule are counted.
    static let countedExchanges = 5000

    let setting: BenchSetting
    /// Rules that are known to take too long to load.
    let unloadable: Set<TestRules>
    let progress: (String) -> Void

    func run() throws(BenchError) -> DataPlaneResults {
        var results = DataPlaneResults(sizes: setting.sizes)
        let workshop = try Workshop(limit: setting.limit)
        defer { workshop.remove() }
        var hosts: [TestHost] = []
        for size in setting.sizes {
            progress("data plane: loading rules with \(Quantity.count(size)) exclusions")
            let list = ExclusionList(count: size, variant: .original)
            let plain = try RulesetFiles(
                list, for: [.kumactl, .perItem], setting, in: workshop)
            let withDNS = try RulesetFiles(
                list, for: [.kumactl], setting, hasDNS: true, in: workshop)
            for rules in TestRules.all(setting.sizes)
            where rules.size == size && (rules.kind.hasExclusions || size == setting.sizes.first) {
                let files = rules.kind.hasDNS ? withDNS : plain
                if !unloadable.contains(rules),
                    let host = try TestHost.loaded(rules, files, setting, in: workshop)
                {
                    hosts.append(host)
                } else {
                    results.unloadable.insert(rules)
                }
            }
        }
        progress("data plane: \(hosts.count) hosts, \(setting.pace.rounds) rounds")
        for round in 0...setting.pace.rounds {
            for lap in 0..<setting.laps {
                for host in Pace.order(hosts, round: round * setting.laps + lap) {
                    let sample = try host.sample()
                    // The first round warms up.
                    if round > 0 { results.add(sample, host.rules, round: round - 1) }
                }
            }
        }
        if let host = hosts.last(where: { $0.rules.kind == .tproxy }) {
            results.counted = .init(
                exchanges: Self.countedExchanges,
                packets: try host.countedPackets(
                    ofExchanges: Self.countedExchanges, program: setting.program))
        }
        return results
    }
}
