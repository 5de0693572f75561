import JSON

/// Measures the CNI plugin: a call that does nothing, and ADD of a typical pod beside nft.
struct PluginBench {
    let setting: BenchSetting
    let progress: (String) -> Void

    struct Results: Hashable {
        /// Of VERSION, which reads nothing and loads nothing.
        var start: [Cost] = []
        /// Of ADD, each for an empty pod.
        var add: [Cost] = []
        /// Of `nft -f` of the same table, each in an empty namespace.
        var nft: [Cost] = []
    }

    /// The settings of the annotations below, and what a pod has besides.
    private static let flags = [
        "--kuma-dp-user", "5678", "--redirect-all-dns-traffic", "--exclude-inbound-ports", "9001",
        "--exclude-outbound-ports", "5432,6379",
    ]

    private static let configuration: JSONValue = [
        "cniVersion": "1.1.0", "name": "net", "type": "tproxy-cni",
        "prevResult": ["cniVersion": "1.1.0", "ips": [["address": "10.1.0.5/16"]]],
        "runtimeConfig": [
            "io.kubernetes.cri.pod-annotations": [
                "kuma.io/sidecar-injected": "true",
                "traffic.kuma.io/exclude-outbound-ports": "5432,6379",
            ]
        ],
    ]

    func run() throws(BenchError) -> Results {
        progress("the CNI plugin")
        let workshop = try Workshop(limit: setting.limit)
        defer { workshop.remove() }
        let input = workshop.path("configuration.json")
        try TextFile.write(input, Self.configuration.text(.compact))
        let table = try table(workshop)
        var results = Results()
        for round in 0...(setting.pace.rounds * 2) {
            let node = try Arena()
            // The thread is in the pod's namespace then, where nft runs.
            let pod = try Arena()
            let other = try Arena()
            for index in Pace.order([0, 1, 2], round: round) {
                let cost: Cost?
                switch index {
                case 0:
                    try node.enter()
                    cost = try workshop.measure([call("VERSION", nil, input)])
                case 1:
                    try node.enter()
                    cost = try workshop.measure([call("ADD", pod, input)])
                case _:
                    try other.enter()
                    cost = try workshop.measure([.installed("nft", ["-f", table])])
                }
                // The first round warms up.
                guard round > 0, let cost else { continue }
                switch index {
                case 0: results.start.append(cost)
                case 1: results.add.append(cost)
                case _: results.nft.append(cost)
                }
            }
        }
        return results
    }

    /// Writes the table that ADD loads, and nothing that replaces another one.
    private func table(_ workshop: Workshop) throws(BenchError) -> String {
        let text = workshop.path("pod.nft")
        let new = workshop.path("pod.new.nft")
        try workshop.run(
            ProgramCall(
                setting.program,
                ["plan", "--no-preflight", "--facts", setting.facts, "--format", "nft"]
                    + Self.flags, output: text))
        try workshop.run(
            .installed("grep", ["-v", "-E", "^(delete )?table inet [^ ]+$", text], output: new))
        return new
    }

    private func call(_ verb: String, _ pod: Arena?, _ input: String) -> ProgramCall {
        var call = ProgramCall(setting.plugin, [])
        call.input = input
        call.environment = [
            "CNI_COMMAND=\(verb)", "CNI_CONTAINERID=bench", "CNI_IFNAME=eth0",
            "CNI_ARGS=K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web",
            "CNI_NETNS=\(pod?.path ?? "")",
        ]
        return call
    }
}

extension PluginBench.Results {
    /// The goals.
    var bars: [Bar] {
        let (add, nft) = (
            self.add.map(Measure.processor.value(of:)), self.nft.map(Measure.processor.value(of:))
        )
        return [
            bar(
                "7a", "the CNI plugin starts: processor milliseconds", 5,
                Spread(start.map { Measure.processor.value(of: $0) * 1000 })),
            bar(
                "7b", "ADD of a typical pod: processor time to nft -f of the new table", 1.5,
                Measure.processor.ratio(add, to: nft)),
            bar(
                "7c", "ADD of a typical pod: peak memory in MB", 16,
                Spread(self.add.map { Measure.peak.value(of: $0) / 1_000_000 })),
        ]
    }

    private func bar(_ name: String, _ words: String, _ limit: Double, _ spread: Spread?) -> Bar {
        Bar(
            name: name, words: words, limit: limit,
            finding: spread.map { .measured($0) } ?? .notMeasured)
    }

    var tables: [Table] {
        [
            Table(
                title: "The CNI plugin", head: ["", "wall time", "processor", "memory"],
                rows: [
                    ("tproxy-cni, VERSION", start), ("tproxy-cni, ADD", add),
                    ("nft -f, new table", nft),
                ].map { name, costs in
                    [name]
                        + [Measure.wall, .processor, .peak].map { measure in
                            Spread(costs.map(measure.value(of:))).map { measure.text($0.median) }
                                ?? "–"
                        }
                },
                notes: [
                    "The kernel reports no less memory than that of the measuring program."
                ]),
            Bar.table(bars),
        ]
    }

    var json: JSONValue {
        func members(_ costs: [Cost]) -> JSONValue {
            .object(
                Dictionary(
                    Measure.allCases.compactMap { measure in
                        Spread(costs.map(measure.value(of:))).map { (measure.rawValue, $0.json) }
                    }
                ) { $1 })
        }
        return .object(["start": members(start), "add": members(add), "nft": members(nft)])
    }
}
