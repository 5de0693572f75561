/// One list of exclusions in every form that a contender loads, as files.
struct RulesetFiles {
    let list: ExclusionList
    let configuration: String
    private let setting: BenchSetting
    private let hasDNS: Bool
    private let workshop: Workshop

    /// Lets the program under test write them, from one configuration.
    init(
        _ list: ExclusionList, for contenders: [Contender] = Contender.allCases,
        _ setting: BenchSetting, hasDNS: Bool = false, in workshop: Workshop
    ) throws(BenchError) {
        self.list = list
        self.setting = setting
        self.hasDNS = hasDNS
        self.workshop = workshop
        configuration = workshop.path(Self.name(of: list, hasDNS) + ".yaml")
        try list.writeConfiguration(to: configuration, hasDNS: hasDNS)
        for contender in contenders {
            switch contender {
            case .tproxy, .kumactlRules: break
            case .nft: try plan(configuration, ["nft"], to: nft)
            case .nftNew:
                try workshop.run(
                    .installed(
                        "grep", ["-v", "-E", "^(delete )?table inet [^ ]+$", nft], output: nftNew))
            case .nftJSON:
                try plan(configuration, ["nft-json"], to: nftJSONNew)
                let table = #"{"table": {"family": "inet", "name": "tproxy_mesh"}}"#
                try workshop.run(
                    .installed(
                        "sed", [#"1a {"add": \#(table)}, {"delete": \#(table)},"#, nftJSONNew],
                        output: nftJSON))
            case .kumactl:
                for program in AddressProgram.allCases {
                    try plan(
                        configuration, ["iptables", "--family", program.family],
                        to: rules(for: program))
                }
            case .perItem:
                let plain = workshop.path("none.yaml")
                try ExclusionList(count: 0, variant: .original).writeConfiguration(
                    to: plain, hasDNS: hasDNS)
                let base = workshop.path("none.nft")
                try plan(plain, ["nft"], to: base)
                try PerItemRules.write(list, base: try TextFile.read(base), to: perItem)
            }
        }
    }

    var nft: String { file("nft") }
    private var nftNew: String { file("new.nft") }
    private var nftJSON: String { file("json") }
    private var nftJSONNew: String { file("new.json") }
    private var perItem: String { file("per-item.nft") }

    /// The arguments of `plan` and `apply`.
    var inputs: [String] { ["--config", configuration, "--facts", setting.facts] }

    /// The file that kumactl would pass to iptables-restore or ip6tables-restore.
    func rules(for program: AddressProgram) -> String { file(program.family) }

    /// The programs that load them; `isLoaded` if rules of the same contender are loaded.
    func calls(_ contender: Contender, replaces isLoaded: Bool) throws(BenchError) -> [ProgramCall]
    {
        switch contender {
        case .tproxy: [ProgramCall(setting.program, ["apply"] + inputs)]
        case .nft: [try .installed("nft", ["-f", nft])]
        case .nftNew: [try .installed("nft", ["-f", nftNew])]
        case .nftJSON: [try .installed("nft", ["-j", "-f", nftJSON])]
        case .kumactl:
            try KumactlSequence(workshop: workshop).calls(self, replaces: isLoaded)
        case .kumactlRules:
            try KumactlSequence(workshop: workshop, isRulesAlone: true)
                .calls(self, replaces: isLoaded)
        case .perItem: [try .installed("nft", ["-f", perItem])]
        }
    }

    private static func name(of list: ExclusionList, _ hasDNS: Bool) -> String {
        "\(list.count)-\(list.variant.rawValue)" + (hasDNS ? "-dns" : "")
    }

    private func file(_ ending: String) -> String {
        workshop.path("\(Self.name(of: list, hasDNS)).\(ending)")
    }

    private func plan(
        _ configuration: String, _ format: [String], to output: String
    ) throws(BenchError) {
        try workshop.run(
            ProgramCall(
                setting.program,
                [
                    "plan", "--no-preflight", "--config", configuration, "--facts",
                    setting.facts, "--format",
                ] + format, output: output))
    }
}

/// The programs of iptables for one family.
enum AddressProgram: String, CaseIterable {
    case ipv4 = "iptables"
    case ipv6 = "ip6tables"

    var family: String {
        switch self {
        case .ipv4: "ipv4"
        case .ipv6: "ipv6"
        }
    }
}
