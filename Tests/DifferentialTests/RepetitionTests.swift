import Addressing
import ConfigurationGenerator
import LinuxHost
import IptablesBackend
import NftablesBackend
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

/// For every configuration, applying twice equals applying once, and removing leaves nothing.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct RepetitionTests {
    @Test func nftAppliesTwiceAsOnceAndRemovesEverything() throws {
        try Self.check(100, listedBy: [["nft", "-j", "-s", "list", "ruleset"]]) {
            NftablesBackend(version: "1")
        }
    }

    @Test(arguments: [IptablesFlavour.nft, .legacy])
    func iptablesAppliesTwiceAsOnceAndRemovesEverything(flavour: IptablesFlavour) throws {
        let listings = ["iptables", "ip6tables"].map { ["\($0)-\(flavour.rawValue)-save"] }
        try Self.check(40, listedBy: listings) { IptablesBackend(flavour, version: "1") }
    }

    private static func check(
        _ count: Int, listedBy listings: [[String]], _ make: () -> some Backend
    ) throws {
        try PrivateNamespace.require()
        var random = SeededGenerator.forTest()
        let made = (0..<count).map { _ in
            ConfigurationGenerator.configuration(seed: random.next())
        }
        try StandingRehearsal.run(networks: []) { _ in
            let backend = make()
            if let iptables = backend as? IptablesBackend { try iptables.createDockerChain() }
            // Empty tables of iptables stay; the first rules create them.
            let yaml =
                "{redirect: {dns: {enabled: true, captureAll: true}}, dropInvalidPackets: true}"
            _ = try backend.apply(Configuration.compile(yaml).ruleset)
            _ = try backend.remove(.mesh)
            let before = try state(listings)
            for configuration in PeculiarConfigurations.all + made {
                let ruleset = try GeneratedPlan(configuration).ruleset
                let found: String?
                do {
                    found = try problem(with: ruleset, on: backend, listings, before)
                } catch {
                    found = "\(error)"
                }
                guard let found else { continue }
                Issue.record(
                    "test seed \(random.seed): \(found)\n\(configuration.yaml)\(configuration.facts)"
                )
                _ = try? backend.remove(.mesh)
            }
        }
    }

    /// The violation, if there is one.
    private static func problem(
        with ruleset: Ruleset, on backend: some Backend, _ listings: [[String]], _ before: String
    ) throws -> String? {
        guard try backend.apply(ruleset).change == .installed else { return "not installed" }
        let once = try state(listings)
        guard try backend.apply(ruleset).change == .unchanged else {
            return "the second time changed something"
        }
        guard try state(listings) == once else { return "the second time left something else" }
        guard try backend.installed(.mesh)?.isIntact == true else { return "not intact" }
        guard case .removed = try backend.remove(.mesh) else { return "not removed" }
        let after = try state(listings)
        guard after == before else { return "left behind:\n\(after)\ninstead of\n\(before)" }
        guard case .nothingInstalled = try backend.remove(.mesh) else { return "removed twice" }
        return nil
    }

    /// Rules and addresses, without counters and the tools' comments.
    private static func state(_ listings: [[String]]) throws -> String {
        try (listings + [["ip", "-oneline", "address", "show", "dev", "lo"]]).map { words in
            guard let program = ProgramSearch.path(of: words[0]) else { return "" }
            return try ToolRun(program, Array(words.dropFirst())).output
                .split(separator: "\n").filter { !$0.hasPrefix("#") }
                .map { $0.replacing(/\[[0-9]+:[0-9]+\]|"handle": [0-9]+/, with: "") }
                .joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
