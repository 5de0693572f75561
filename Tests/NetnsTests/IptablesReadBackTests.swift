import Addressing
import IptablesBackend
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

/// The rules read back from the kernel mean the same as the applied ones.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct IptablesReadBackTests {
    @Test(arguments: IptablesFlavour.allCases)
    func rulesReadBackGiveEveryPacketTheSameOutcome(flavour: IptablesFlavour) throws {
        try PrivateNamespace.require()
        let backend = IptablesBackend(flavour, version: "test")
        let scenario = try #require(Scenario.all.first { $0.name == "everything" })
        var ruleset = try scenario.compile().ruleset
        // The address is for a loopback interface that is up; here it isn't.
        ruleset.prerequisites = []
        #expect(try backend.readBack(.mesh) == nil)
        _ = try backend.apply(ruleset)
        let loaded = try #require(try backend.readBack(.mesh)).rules
        _ = try backend.remove(.mesh)
        let read = ListedHookRules([.init(loaded, zonesEnd: false)], loopback: .loopback)
        #expect(read.inexpressible == [])
        for family in ruleset.families {
            let address = family == .ipv4 ? "192.168.3.4" : "fd00:7::4"
            for port: UInt32 in [22, 25, 53, 80, 443, 8005] {
                for user: UInt32? in [nil, 0, 1700, 1750, 5678] {
                    for packet in [
                        try Packet.out(.tcp, to: address, port, uid: user),
                        try .out(.udp, to: address, port, uid: user),
                        try .in(.tcp, to: address, port, on: "docker0"),
                    ] {
                        #expect(
                            RuleTrace(read.rules).explain(packet).outcome
                                == RuleTrace(ruleset).explain(packet).outcome, "\(packet)")
                    }
                }
            }
        }
    }
}
