import Addressing
import Preflight
import RuleIR
import Testing
import TproxyTestSupport

/// Findings for surveys as values, for states that need another kernel.
@Suite struct PreflightFindingTests {
    /// A host on which only the proxy runs.
    private func cleanHost() throws -> PreflightSurvey {
        var survey = PreflightSurvey()
        let any = IPAddress(family: .ipv6, bits: 0)
        survey.listeners = [Port.inboundDefault, .outboundDefault].map {
            PreflightSurvey.Listener(.tcp, any, $0, owners: [.kumaDefault], program: "envoy")
        }
        survey.addresses = [
            .init(.ethernet, try #require(IPAddress("192.0.2.1")), prefixLength: 24),
            .init(.ethernet, try #require(IPAddress("2001:db8::1")), prefixLength: 64),
            .init(.ethernet, try #require(IPAddress("fe80::1")), prefixLength: 64),
        ]
        return survey
    }

    private func plan(
        _ yaml: String = "{}", _ placement: RulePlacement = .ownTable
    ) throws -> PreflightPlan {
        PreflightPlan(ruleset: try Configuration.compile(yaml).ruleset, placement: placement)
    }

    private func kinds(_ survey: PreflightSurvey, _ plan: PreflightPlan) -> [Finding.Kind] {
        Preflight(plan, on: survey).findings.map(\.kind)
    }

    private func natChain(
        _ priority: Int, engine: LoadedChain.Engine = .nftables, family: LoadedChain.Family = .ip
    ) -> LoadedChain {
        var chain = LoadedChain(
            engine: engine, family: family, table: "nat", name: "OUTPUT",
            base: .init(type: "nat", hook: .output, priority: priority), uses: 1)
        chain.redirects = true
        return chain
    }

    @Test func aHostWithoutConflictsHasNoFindings() throws {
        #expect(kinds(try cleanHost(), try plan()) == [])
    }

    /// IPV6_V6ONLY decides whether `::` accepts IPv4, too.
    @Test func aDualStackSocketCountsForBoth() throws {
        var survey = try cleanHost()
        survey.listeners[1].isIPv6Only = true
        #expect(
            Preflight(try plan(), on: survey).findings
                == [.listenerFamily(ProxyPort(.outbound, .outboundDefault), missing: .ipv4)])
    }

    /// A process that opened its sockets as root and became the proxy's user is the proxy.
    @Test func theProcessWithTheSocketCountsNotItsCreator() throws {
        var survey = try cleanHost()
        survey.listeners[0].owners = [.root, .kumaDefault]
        #expect(kinds(survey, try plan()) == [])
        survey.listeners[0].owners = [.root]
        #expect(kinds(survey, try plan()) == [.listenerOwner])
        survey.listeners[0].program = nil
        #expect(kinds(survey, try plan()) == [])
    }

    @Test func unreadSubjectsHaveNoFindings() throws {
        var survey = PreflightSurvey()
        survey.unseen = [.init(.sockets, because: "test")]
        #expect(kinds(survey, try plan()) == [])
    }

    @Test(arguments: [
        (-150, Finding.Kind.natChainBefore), (-102, .natChainBefore), (-101, .natChainBetween),
        (-100, .natChainBetween), (-99, .natChainEqual), (-98, nil), (0, nil),
    ])
    func aForeignNatChainIsPlaced(priority: Int, kind: Finding.Kind?) throws {
        var survey = try cleanHost()
        survey.chains = [natChain(priority)]
        #expect(kinds(survey, try plan()) == [kind].compactMap { $0 })
        // A chain without redirects, or of another family, is no conflict.
        survey.chains[0].redirects = false
        #expect(kinds(survey, try plan()) == [])
        survey.chains = [natChain(priority, family: .ip6)]
        survey.addresses.removeAll { $0.address.family == .ipv6 }
        #expect(kinds(survey, try plan("ipFamilyMode: ipv4")) == [])
    }

    /// With an iptables backend all of our rules are at -100, in a table shared with other
    /// programs.
    @Test func iptablesSharesItsTable() throws {
        var survey = try cleanHost()
        survey.chains = [natChain(-100)]
        #expect(kinds(survey, try plan("{}", .iptables(.nftables))) == [])
        #expect(kinds(survey, try plan("{}", .iptables(.legacy))) == [.natChainEqual])
        survey.chains = [natChain(-99)]
        survey.chains[0].table = "other"
        #expect(kinds(survey, try plan("{}", .iptables(.nftables))) == [])
    }

    @Test(arguments: [
        ("ip", "nat", "ISTIO_OUTPUT", Finding.Kind.otherMesh),
        ("inet", "istio-proxy-nat", "output", .otherMesh),
        ("ip", "nat", "PROXY_INIT_OUTPUT", .otherMesh),
        ("ip6", "nat", "CONSUL_PROXY_OUTPUT", .otherMesh),
        ("inet", "consul_tproxy", "output", .otherMesh),
        ("ip", "nat", "KUMA_MESH_OUTBOUND", .kumactlRules),
        ("inet", "tproxy_other", "nat_output_last", .otherInstance),
        ("inet", "tproxy_mesh", "nat_output_last", nil),
        ("ip", "nat", "LIBVIRT_PRT", nil),
    ])
    func programsAreRecognizedByTheirChainNames(
        family: String, table: String, chain: String, kind: Finding.Kind?
    ) throws {
        let family = try #require(LoadedChain.Family(rawValue: family))
        let loaded = LoadedChain(engine: .nftables, family: family, table: table, name: chain)
        var survey = try cleanHost()
        survey.knownPrograms = ChainReading([loaded]).knownPrograms
        #expect(kinds(survey, try plan()) == [kind].compactMap { $0 })
    }

    @Test func anOwnershipChainMakesKumasNamesOurs() {
        let chains = ["KUMA_MESH_OUTBOUND", "KUMA_MESH_TPROXY"].map {
            LoadedChain(engine: .legacy, family: .ip, table: "nat", name: $0)
        }
        #expect(ChainReading(chains).knownPrograms.map(\.program) == [.tproxy])
    }

    /// Redirects count if a jump or a verdict map leads to them.
    @Test func jumpsAreFollowed() {
        let base = natChain(-100)
        func chain(_ name: String, jumps: Set<String> = [], redirects: Bool) -> LoadedChain {
            var chain = LoadedChain(engine: .nftables, family: .ip, table: "nat", name: name)
            chain.jumps = jumps
            chain.redirects = redirects
            return chain
        }
        func redirects(_ jumps: Set<String>, hasMap: Bool = false) -> Bool? {
            var base = base
            base.redirects = false
            base.jumps = jumps
            base.hasVerdictMap = hasMap
            let others = [
                chain("A", jumps: ["B", "A"], redirects: false), chain("B", redirects: true),
                chain("C", redirects: false),
            ]
            return ChainReading([base] + others).chains.first?.redirects
        }
        #expect(redirects(["A"]) == true)
        #expect(redirects(["C"]) == false)
        #expect(redirects([], hasMap: true) == true)
    }

    @Test func theOrderOfAHookIncludesOurChains() throws {
        var survey = try cleanHost()
        survey.chains = [natChain(-100), natChain(-98), natChain(-150)]
        let order = Preflight(
            try plan("redirect: {dns: {enabled: true, captureAll: true}}"), on: survey
        )
        .order(on: .output)
        #expect(order.map(\.priority) == [-150, -101, -100, -99, -98])
        #expect(order.map(\.isOurs) == [false, true, false, true, false])
    }

    /// Exclusions have no chain of their own before foreign ones.
    @Test func exclusionsAloneDontRunEarlier() throws {
        let order = Preflight(
            try plan("redirect: {outbound: {excludePortsForIPs: [10.0.0.0/8]}}"),
            on: try cleanHost()
        )
        .order(on: .output)
        #expect(order.map(\.priority) == [-99])
    }

    /// A host with an SSH session, an outgoing connection, and one of the proxy.
    private func hostWithConnections() throws -> PreflightSurvey {
        var survey = try cleanHost()
        let here = try #require(IPAddress("192.0.2.1"))
        let there = try #require(IPAddress("192.0.2.2"))
        let port = try #require(Port(50000))
        survey.listeners.append(
            .init(.tcp, IPAddress(family: .ipv6, bits: 0), .ssh, owners: [.root], program: "sshd"))
        survey.connections = [
            .init(local: here, localPort: .ssh, remote: there, remotePort: port, owner: .root),
            .init(
                local: here, localPort: port, remote: there, remotePort: .secureWeb, owner: .root),
            .init(
                local: here, localPort: port, remote: there, remotePort: .secureWeb,
                owner: .kumaDefault),
        ]
        return survey
    }

    /// Connections that conntrack knows or will know continue; the proxy's aren't reported.
    @Test(arguments: [nil, true] as [Bool?])
    func connectionsThatAreKeptAreANote(takesEntries: Bool?) throws {
        var survey = try hostWithConnections()
        survey.takesEntries = takesEntries
        #expect(
            Preflight(try plan(), on: survey).findings
                == [.sshRedirected(.ssh), .openConnections(2, sessions: 1)])
    }

    /// The next packet may come from the other end, so the proxy's own connections break, too.
    @Test func connectionsThatCannotBeKeptAreAWarning() throws {
        var survey = try hostWithConnections()
        survey.takesEntries = false
        #expect(
            Preflight(try plan(), on: survey).findings
                == [.sshRedirected(.ssh), .sessionsBreak(.ssh, 1), .connectionsBreak(2)])
        for index in survey.connections.indices { survey.connections[index].isTracked = true }
        #expect(
            Preflight(try plan(), on: survey).findings
                == [.sshRedirected(.ssh), .openConnections(2, sessions: 1)])
    }

    /// No TCP is redirected, or rules are already loaded.
    @Test func connectionsThatNoRuleRedirectsHaveNoFinding() throws {
        var survey = try hostWithConnections()
        survey.takesEntries = false
        let nothing = try plan("redirect: {inbound: {enabled: false}, outbound: {enabled: false}}")
        #expect(kinds(survey, nothing) == [])
        survey.knownPrograms = [
            .init(.tproxy, engine: .nftables, family: .inet, table: "tproxy_mesh")
        ]
        #expect(kinds(survey, try plan()) == [.sshRedirected])
    }

    /// Forwarded connections have no socket on this host; an active conntrack has entries for them.
    @Test func forwardedConnectionsAreANote() throws {
        var survey = try cleanHost()
        let bridge = try #require(InterfaceName("docker0"))
        let address = try #require(IPAddress("172.17.0.1"))
        survey.addresses.append(.init(bridge, address, prefixLength: 16))
        survey.forwards = [.ipv4]
        let networks = try plan("redirect: {vnet: {networks: [\"docker0:172.17.0.0/16\"]}}")
        #expect(kinds(survey, networks) == [.forwardedConnections])
        #expect(kinds(survey, try plan()) == [.containersRedirected, .forwardedConnections])
        survey.isTracking = true
        #expect(kinds(survey, networks) == [])
    }
}
