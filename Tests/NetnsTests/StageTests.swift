import Addressing
import IptablesBackend
import NftablesBackend
import Rehearsal
import RuleIR
import RuleTrace
import RulesetDiff
import Testing
import TproxyTestSupport

@testable import TproxyCommands

/// Regular chains of the stages raw and mangle, with the real kernel and real packets.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct StageTests {
    private static let setting = RehearsalSetting(
        proxyUser: .kumaDefault, outboundPort: .outboundDefault, inboundPort: .inboundDefault,
        dnsPort: .dnsDefault, resolvers: [], networks: [])

    /// DNS is split into conntrack zones; what a packet to a port of the host meets is dropped.
    private func ruleset() throws -> Ruleset {
        var ruleset = try Configuration.compile(
            "redirect: {dns: {enabled: true, captureAll: true}}\ndropInvalidPackets: true"
        ).ruleset
        let mangle = try #require(ruleset.baseChains.firstIndex { $0.stage == .mangle })
        ruleset.baseChains[mangle].last.append(
            Rule(
                [.transport(.tcp), .destinationPort(.port(.service))], then: .drop,
                because: Rationale("a test", key: "dropInvalidPackets")))
        return ruleset.withChainsInEveryStage
    }

    private func backend(_ backend: BackendUnderTest) -> any ListingBackend {
        switch backend {
        case .nft: NftablesBackend(version: "test", submission: .libnftables)
        case .nftByNetlink: NftablesBackend(version: "test", submission: .netlink)
        case .iptablesNft: IptablesBackend(.nft, version: "test")
        case .iptablesLegacy: IptablesBackend(.legacy, version: "test")
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func packetsMeetTheChainsOfEveryStage(backend name: BackendUnderTest) throws {
        try PrivateNamespace.require()
        let ruleset = try ruleset()
        #expect(Set(ruleset.chains.map(\.stage)) == Set(Stage.allCases))
        let backend = backend(name)
        let results = try Rehearsal(
            Self.setting, paths: PathGenerator.paths(for: ruleset, Self.setting)
        ).run {
            _ = try backend.apply(ruleset)
            let loaded = try #require(try backend.readBack(ruleset.instance))
            #expect(loaded.installed?.isIntact == true)
            #expect(try RulesetDiff(from: loaded.rules, to: backend.expectedRules(ruleset)).isEmpty)
        }
        let trace = RuleTrace(ruleset)
        let report = RehearsalReport(results, trace)
        #expect(report.isAsExpected, "\(report.text)")
        let expected = results.map { trace.explain($0.path.packet) }
        #expect(expected.contains { $0.outcome == .dropped })
        #expect(Set(expected.map(\.conntrackZone)) == [0, 1, 2])
    }
}
