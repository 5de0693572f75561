import Addressing
import ConfigurationGenerator
import IptablesRules
import Netlink
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

@testable import EBPFBackend
@testable import NftablesBackend

/// A comparison that can't fail proves nothing: the packets of a few configurations must detect
/// every mistake of a backend.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FaultTests {
    /// Always the same configurations, so that the printed results can be compared.
    private static let seed: UInt64 = 7000
    private static let count = 150

    @Test func everyMistakeInAnNftablesTableIsDetected() throws {
        try PrivateNamespace.require()
        let search = try FaultSearch(seed: Self.seed, count: Self.count)
        let backend = NftablesBackend(version: "differential")
        try StandingRehearsal.run(networks: ConfigurationGenerator.networks) { rehearsal in
            for fault in NftFaults.all {
                let finding = try search.find(fault, lower: NftTable.init, &rehearsal) {
                    table, ruleset in
                    _ = try backend.load(PlannedTable(table), with: ruleset.prerequisites)
                }
                Self.report("nft", fault.name, finding)
            }
        }
        #expect(NftFaults.all.count + IptablesFaults.all.count >= 20)
    }

    @Test func everyMistakeInIptablesRulesIsDetected() throws {
        try PrivateNamespace.require()
        let search = try FaultSearch(seed: Self.seed, count: Self.count)
        try StandingRehearsal.run(networks: ConfigurationGenerator.networks) { rehearsal in
            for fault in IptablesFaults.all {
                let finding = try search.find(fault, lower: Self.lowered, &rehearsal) {
                    lowered, ruleset in
                    for address in ruleset.prerequisites.loopbackAddresses {
                        _ = try InterfaceAddress.add(address.prefix, to: address.interface)
                    }
                    try lowered.load()
                }
                Self.report("iptables-nft", fault.name, finding)
            }
        }
    }

    @Test func everyMistakeInTheStepsOfEBPFIsDetected() throws {
        try PrivateNamespace.require()
        let search = FaultSearch(
            try Trial.all(seed: Self.seed, count: Self.count).compactMap { try $0.ofSockets() })
        let cgroup = try ThreadCgroup()
        defer { cgroup.end() }
        let backend = try EBPFBackend(version: "differential").rehearsing()
        try StandingRehearsal.run(networks: ConfigurationGenerator.networks) { rehearsal in
            for fault in EBPFFaults.all {
                let finding = try search.find(
                    fault, lower: EBPFEmitter().emit, &rehearsal
                ) { plan, ruleset in
                    _ = try backend.load(plan, ruleset, sharing: .none)
                }
                Self.report("ebpf", fault.name, finding)
            }
        }
    }

    private static func lowered(_ ruleset: Ruleset) -> LoweredForIptables {
        Dictionary(
            uniqueKeysWithValues: AddressFamily.allCases.map {
                ($0, FamilyLowering.tables(of: ruleset, $0))
            })
    }

    private static func report(
        _ host: String, _ name: String, _ finding: FaultSearch.Finding
    ) {
        print(
            "\(host) | \(name) | configuration \(finding.configurations),",
            "packet \(finding.packets) | \(finding.words ?? "NOT DETECTED")")
        #expect(
            finding.configurations > 0, "\(host): no configuration can have this mistake: \(name)")
        #expect(finding.words != nil, "\(host): not detected: \(name)")
    }
}
