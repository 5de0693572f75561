import Testing

/// A command, the state before it, and what to check afterwards.
///
/// Commands are for the shell: `$T` is the program under test, `$FACTS` a file of facts,
/// `$HOME_OF_TEST` a folder that all runs share. A folder `files`, if there is one, is part of the
/// state.
struct FaultScenario: Sendable, CustomTestStringConvertible {
    /// Which rules a snapshot shows, and how they are restored.
    enum Engine: Sendable {
        case nft
        case iptablesNft
        case iptablesLegacy
    }

    var name: String
    var engine: Engine
    /// Creates what is foreign.
    var ground: [String] = []
    /// Loads what is ours before the command.
    var before: [String] = []
    /// The command that meets the faults.
    var command: String
    /// Removes everything that is ours.
    var undo = "$T remove"
    /// Whether rules are loaded afterwards, which `status` must report as intact.
    var loads = true

    var testDescription: String { name }
}

extension FaultScenario {
    static let all =
        ofRules("nft", .nft) + ofRules("nft --submit netlink", .nft)
        + ofRules("iptables-nft", .iptablesNft)
        + ofRules("iptables-legacy", .iptablesLegacy) + ofFiles

    private static let plan = "--facts $FACTS --sleep-between-retries 10ms"

    /// A backend's commands: a first load, replacements with and without the loopback address, and
    /// a removal.
    private static func ofRules(_ backend: String, _ engine: Engine) -> [FaultScenario] {
        let dual = "$T apply --backend \(backend) \(plan)"
        let narrow = "\(dual) --ip-family-mode ipv4"
        return [
            FaultScenario(
                name: "\(backend): apply, nothing loaded", engine: engine, command: dual),
            FaultScenario(
                name: "\(backend): apply over IPv4 rules", engine: engine, before: [narrow],
                command: dual),
            FaultScenario(
                name: "\(backend): apply IPv4 rules over both", engine: engine, before: [dual],
                command: narrow),
            FaultScenario(
                name: "\(backend): remove", engine: engine, before: [dual], command: "$T remove",
                loads: false),
        ]
    }

    /// A foreign file with an owner, a mode and an extended attribute.
    private static let foreignXML = [
        "mkdir files",
        """
        printf '%s\\n' '<direct>' \
        '  <rule ipv="ipv4" table="nat" chain="OUTPUT" priority="0">-p tcp --dport 7 -j RETURN</rule>' \
        '</direct>' >files/direct.xml
        """,
        "chown 12:34 files/direct.xml", "chmod 640 files/direct.xml",
        "setfattr -n user.note -v kept files/direct.xml",
    ]

    private static let ofFiles: [FaultScenario] = {
        let firewalld = "$T export firewalld --output files/direct.xml"
        let unfirewalld = "\(firewalld) --remove"
        let store = "--store-firewalld --firewalld-file files/direct.xml"
        func written(_ kind: String) -> [FaultScenario] {
            let export = "$T export \(kind) --output files/ours \(plan)"
            let undo = "$T export \(kind) --output files/ours --remove"
            let older = "\(export) --redirect-outbound-port 15099"
            return [
                FaultScenario(
                    name: "export \(kind), no file", engine: .nft, ground: ["mkdir files"],
                    command: export, undo: undo, loads: false),
                FaultScenario(
                    name: "export \(kind) over an older one", engine: .nft,
                    ground: ["mkdir files"], before: [older], command: export, undo: undo,
                    loads: false),
                FaultScenario(
                    name: "export \(kind) --remove", engine: .nft, ground: ["mkdir files"],
                    before: [export], command: undo, undo: undo, loads: false),
            ]
        }
        return [
            FaultScenario(
                name: "export firewalld into a file with foreign elements", engine: .nft,
                ground: foreignXML,
                command: "\(firewalld) \(plan)", undo: unfirewalld, loads: false),
            FaultScenario(
                name: "export firewalld --remove", engine: .nft, ground: foreignXML,
                before: ["\(firewalld) \(plan)"], command: unfirewalld, undo: unfirewalld,
                loads: false),
            FaultScenario(
                name: "apply --store-firewalld", engine: .iptablesNft, ground: foreignXML,
                command: "$T apply --backend iptables-nft \(store) \(plan)",
                undo: "$T remove \(store)"),
            FaultScenario(
                name: "remove --store-firewalld", engine: .iptablesNft, ground: foreignXML,
                before: ["$T apply --backend iptables-nft \(store) \(plan)"],
                command: "$T remove \(store)", undo: "$T remove \(store)", loads: false),
            FaultScenario(
                name: "apply --plan", engine: .nft,
                before: [
                    "$T apply --ip-family-mode ipv4 \(plan)",
                    "$T status --output json >$HOME_OF_TEST/status.json; true",
                    """
                    $T plan \(plan) --loaded $HOME_OF_TEST/status.json \
                    --output-file $HOME_OF_TEST/plan.json
                    """,
                ], command: "$T apply --plan $HOME_OF_TEST/plan.json --facts $FACTS"),
        ] + written("systemd") + written("nftables")
    }()
}
