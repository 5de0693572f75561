import Testing
import TproxyTestSupport

/// Rules are replaced while traffic runs through them.
///
/// `make traffic` runs these for a minute and 200 replacements each.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct UnderTrafficTests {
    /// All of them redirect the traffic.
    ///
    /// From the first to the second only elements of sets change,
    /// from the second to the third chains and rules of every table.
    private static let plans = [
        """
        redirect:
          dns: {enabled: true, captureAll: true}
          outbound: {excludePorts: [25, 3306], excludePortsForIPs: ["192.0.2.0/24", "2001:db8::/64"]}
        """,
        """
        redirect:
          dns: {enabled: true, captureAll: true}
          outbound: {excludePorts: [25, 5432], excludePortsForIPs: ["198.51.100.0/25", "2001:db8:1::/64"]}
        """,
        """
        dropInvalidPackets: true
        redirect:
          dns: {enabled: true, captureAll: true}
          inbound: {excludePorts: [22], insertRedirectInsteadOfAppend: true}
          outbound:
            insertRedirectInsteadOfAppend: true
            excludePortsForUIDs: ["tcp:443:1700"]
          vnet: {networks: ["docker0:172.17.0.0/16"]}
        """,
    ]

    /// The port that DNS is redirected to changes.
    private static func dnsPorts(zones: Bool) -> [String] {
        [15053, 15054].map { port in
            """
            redirect:
              dns: {enabled: true, captureAll: true, port: \(port), skipConntrackZoneSplit: \(!zones)}
            """
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func replacingRulesLosesNothing(backend: BackendUnderTest) async throws {
        let run = try await TrafficRun("rules replaced", [backend], Self.plans, .asked)
        try expectNothingLost(run)
    }

    @Test func movingToAnotherBackendLosesNothing() async throws {
        let run = try await TrafficRun(
            "backend replaced", BackendUnderTest.allCases, Self.plans, TrafficAmount.asked.small)
        try expectNothingLost(run)
    }

    @Test(arguments: BackendUnderTest.allCases)
    func changingTheDNSPortLosesNothing(backend: BackendUnderTest) async throws {
        let run = try await TrafficRun(
            "DNS port changed", [backend], Self.dnsPorts(zones: false), TrafficAmount.asked.small)
        try expectNothingLost(run)
    }

    /// A limit: zones depend on the port, so answers from the old port are in none.
    ///
    /// They are lost, and nothing is misdirected; connections aren't affected.
    @Test(arguments: BackendUnderTest.allCases)
    func changingTheDNSPortWithZonesLosesOldAnswersOnly(backend: BackendUnderTest) async throws {
        let run = try await TrafficRun(
            "DNS port changed with zones", [backend], Self.dnsPorts(zones: true),
            TrafficAmount.asked.small)
        try expectNothingLost(
            run, of: [.outbound, .inbound, .connectionsOut, .connectionsIn])
        for kind in [TrafficKind.queries, .datagrams] {
            let report = try run.report(kind)
            #expect(report.correct + report.lost == report.sent, "\(kind.rawValue): \(report)")
            #expect(report.correct > report.sent / 2, "\(kind.rawValue): \(report)")
        }
    }

    /// The contrast: removing before applying loses connections, and the reports show it.
    @Test(arguments: BackendUnderTest.allCases)
    func removingBeforeApplyingLosesConnections(backend: BackendUnderTest) async throws {
        let run = try await TrafficRun(
            "removed and applied", [backend], Self.plans, TrafficAmount.asked.small,
            interruption: "\(Command.tproxy) remove >/dev/null")
        for kind in [TrafficKind.outbound, .inbound, .queries, .datagrams] {
            let report = try run.report(kind)
            #expect(report.correct > 0 && report.misdirected > 0, "\(kind.rawValue): \(report)")
        }
        // When the last rule that needs NAT is gone, the kernel stops translating established
        // connections. A starved machine reports them as lost before the reset arrives.
        for kind in [TrafficKind.connectionsOut, .connectionsIn] {
            let report = try run.report(kind)
            #expect(
                report.correct > 0 && report.reset + report.lost > 0, "\(kind.rawValue): \(report)")
        }
    }

    private func expectNothingLost(
        _ run: TrafficRun, of kinds: [TrafficKind] = TrafficKind.allCases
    ) throws {
        #expect(run.failed == 0, "\(run.errors)")
        for kind in kinds {
            let report = try run.report(kind)
            #expect(report.sent > 0)
            #expect(
                report.correct == report.sent,
                "\(kind.rawValue): \(report)\n\(report.troubles.prefix(5))")
        }
        #expect(run.resentSYN == 0)
    }
}
