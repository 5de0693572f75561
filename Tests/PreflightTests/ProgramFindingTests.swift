import Addressing
import Preflight
import RuleIR
import Testing
import TproxyTestSupport

/// Findings about what the eBPF backend needs of a host.
@Suite struct ProgramFindingTests {
    private func findings(
        _ change: (inout ProgramSurvey) -> Void, _ placement: RulePlacement = .sockets
    ) throws -> [Finding] {
        var programs = ProgramSurvey()
        programs.kernel = "6.1.0-28-amd64"
        programs.cgroup.path = "/sys/fs/cgroup"
        programs.bpffs.path = "/sys/fs/bpf"
        change(&programs)
        var survey = PreflightSurvey()
        survey.programs = programs
        let any = IPAddress.unspecified(.ipv4)
        survey.listeners = [Port.inboundDefault, .outboundDefault].map {
            .init(.tcp, any, $0, owners: [.kumaDefault], program: "envoy")
        }
        let ruleset = try Configuration.compile("ipFamilyMode: ipv4").ruleset
        return Preflight(PreflightPlan(ruleset: ruleset, placement: placement), on: survey).findings
    }

    @Test func aHostWithEverythingHasNoFindings() throws {
        #expect(try findings { _ in } == [])
    }

    @Test(arguments: [
        ("5.14.21", true), ("5.15.0", false), ("4.19.0-27-amd64", true), ("6.1", false),
        ("10.0-rc1", false), ("5.9", true), ("", false), ("custom", false),
    ])
    func versionsBefore5_15AreFound(release: String, isOld: Bool) throws {
        let found = try findings { $0.kernel = release }
        #expect(found == (isOld ? [.oldKernel(release)] : []))
    }

    @Test func whatTheKernelRefusesIsFound() throws {
        let working = ProgramSurvey.Feature(name: "links", since: "5.7", problem: nil)
        let missing = ProgramSurvey.Feature(name: "lookup", since: "5.9", problem: "no")
        #expect(try findings { $0.features = [working, missing] } == [.missingFeature(missing)])
        #expect(try findings { $0.hasLibrary = false } == [.missingLibrary])
        #expect(try findings { $0.lockdown = "integrity" } == [.lockdown("integrity")])
        #expect(
            try findings { $0.missingCapabilities = ["CAP_BPF"] }
                == [.missingCapabilities(["CAP_BPF"])])
    }

    @Test func placesThatCannotBeUsedAreFoundWithTheirRemedy() throws {
        let place = ProgramSurvey.Place(problem: "it isn't one", remedy: "mount it")
        #expect(
            try findings { $0.cgroup = place }
                == [.unusableCgroup("it isn't one", remedy: "mount it")])
        #expect(
            try findings { $0.bpffs = place }
                == [.unusableBPFFileSystem("it isn't one", remedy: "mount it")])
    }

    @Test func theProxysUserIsTranslatedThroughTheMapOfUsers() throws {
        let mapped = [
            ProgramSurvey.MappedUsers(first: 0, outer: 1000, count: 1),
            ProgramSurvey.MappedUsers(first: 1, outer: 100_000, count: 65_536),
        ]
        #expect(
            try findings { $0.users = mapped } == [.userNamespace(.kumaDefault, UserID(105_677))])
        #expect(
            try findings { $0.users = [mapped[0]] } == [.userNamespace(.kumaDefault, nil)])
        let last = ProgramSurvey.MappedUsers(first: 5678, outer: .max, count: .max)
        #expect(try findings { $0.users = [last] } == [.userNamespace(.kumaDefault, nil)])
    }

    @Test func ciliumIsToldFromOtherPrograms() throws {
        let old = ProgramSurvey.Program(id: 1, name: "sock4_connect", hook: "connect4")
        let cilium = ProgramSurvey.Program(id: 2, name: "cil_sock6_conne", hook: "connect6")
        let other = ProgramSurvey.Program(id: 3, name: "sd_fw_connect", hook: "connect4")
        #expect(
            try findings { $0.programs = [old, other, cilium] }
                == [.ciliumSockets([old, cilium]), .foreignPrograms([other])])
    }

    /// Sockets meet no chain: what other programs have there is no conflict.
    @Test func chainsOfOthersAreNoConflict() throws {
        var survey = PreflightSurvey()
        survey.chains = [
            LoadedChain(
                engine: .nftables, family: .inet, table: "gateway", name: "out",
                base: .init(type: "nat", hook: .output, priority: -150), uses: 1)
        ]
        survey.chains[0].redirects = true
        let ruleset = try Configuration.compile("ipFamilyMode: ipv4").ruleset
        func kinds(_ placement: RulePlacement) -> [Finding.Kind] {
            Preflight(PreflightPlan(ruleset: ruleset, placement: placement), on: survey)
                .findings.map(\.kind)
        }
        #expect(kinds(.ownTable).contains(.natChainBefore))
        #expect(kinds(.sockets) == [.noListener])
    }

    /// Incoming connections reach a listener whatever address it is bound to.
    @Test func theAddressOfTheInboundListenerDoesNotMatter() throws {
        var survey = PreflightSurvey()
        let localhost = IPAddress(family: .ipv4, bits: 0x7F00_0001)
        survey.listeners = [Port.inboundDefault, .outboundDefault].map {
            .init(.tcp, localhost, $0, owners: [.kumaDefault], program: "envoy")
        }
        survey.addresses = [
            .init(.ethernet, IPAddress(family: .ipv4, bits: 0xC000_0201), prefixLength: 24)
        ]
        let ruleset = try Configuration.compile("ipFamilyMode: ipv4").ruleset
        func kinds(_ placement: RulePlacement) -> [Finding.Kind] {
            Preflight(PreflightPlan(ruleset: ruleset, placement: placement), on: survey)
                .findings.map(\.kind)
        }
        #expect(kinds(.ownTable) == [.listenerAddress])
        #expect(kinds(.sockets) == [])
    }
}
