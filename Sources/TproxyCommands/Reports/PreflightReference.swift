import Addressing
import Preflight
import RuleIR
import RuleTrace
import TextSearch
import TproxyOperations

/// The list in docs/preflight.md: an example of each kind of finding.
enum PreflightReference {
    static var text: String {
        let rows = Finding.Kind.allCases.compactMap { kind -> String? in
            guard let example = examples.first(where: { $0.kind == kind }) else { return nil }
            let words = example.words
            let cells = [
                "`\(kind.rawValue)`", kind.severity.rawValue, words.seen, words.consequence,
                words.remedy,
            ]
            return "| "
                + cells.map { $0.replacing(text: "|", with: "\\|") }.joined(separator: " | ")
                + " |"
        }
        return
            (["| id | severity | seen | consequence | remedy |", "|---|---|---|---|---|"] + rows)
            .joined(separator: "\n") + "\n"
    }

    private static let nat = ProgramSign(.kumactl, engine: .nftables, family: .ip, table: "nat")
    private static let container = IPAddress(family: .ipv4, bits: 0xAC11_0001)
    private static let localhost = IPAddress(family: .ipv4, bits: 0x7F00_0001)
    private static let resolver = IPAddress(family: .ipv4, bits: 0x7F00_0035)
    private static let address = IPAddress(family: .ipv4, bits: 0xC000_0201)
    private static let address6 = IPAddress(family: .ipv6, bits: 0x2001_0DB8 << 96 | 1)
    private static let inbound = ProxyPort(.inbound, .inboundDefault)
    private static let outbound = ProxyPort(.outbound, .outboundDefault)

    private static func chain(
        _ table: String, _ name: String, _ priority: Int, family: LoadedChain.Family = .ip,
        engine: LoadedChain.Engine = .nftables, type: String = "nat",
        hook: LoadedChain.Hook = .output
    ) -> LoadedChain {
        LoadedChain(
            engine: engine, family: family, table: table, name: name,
            base: .init(type: type, hook: hook, priority: priority))
    }

    private static var examples: [Finding] {
        [
            .natChainBefore(chain("gateway", "out", -150, family: .inet)),
            .natChainEqual(chain("gateway", "out", -99, family: .inet)),
            .natChainBetween(chain("nat", "OUTPUT", -100)),
            .dockerFirst(chain("nat", "PREROUTING", -100, hook: .prerouting)),
            .dockerFlavour(wanted: .legacy, found: .nftables),
            .kubeProxyFirst(chain("nat", "OUTPUT", -100)),
            .legacyAndNft(
                legacy: chain("nat", "OUTPUT", -100, engine: .legacy),
                nft: chain("nat", "OUTPUT", -100)),
            .otherMesh(.istio, nat), .kumactlRules(nat),
            .otherInstance(
                ProgramSign(.tproxy, engine: .nftables, family: .inet, table: "tproxy_other")),
            .firewalldRejectsIPv6(
                chain("firewalld", "filter_OUTPUT", 10, family: .inet, type: "filter")),
            .firewalldBypassed(inbound.port), .firewallDrops(obstacle(rule: nil, "policy drop")),
            .firewallUnclear(obstacle(rule: 3, "meta mark 7 accept")),
            .noListener([inbound, outbound]),
            .listenerFamily(outbound, missing: .ipv6),
            .listenerAddress(inbound, bound: [localhost], needed: address),
            .listenerOwner([outbound], owner: .arbitrary, proxyUser: .kumaDefault),
            .sshRedirected(.ssh), .resolverLoop(resolver: resolver, owner: .arbitrary),
            .ipv6NotCovered(.ethernet, address6), .loopbackIPv6Off(.loopback), .rootProxyUser,
            .sharedProxyUser(
                PreflightSurvey.Process(
                    id: 4711, parent: 1, name: "app", listens: [], hasSocket: true), .kumaDefault),
            .openConnections(3, sessions: 1), .connectionsBreak(3), .sessionsBreak(.ssh, 1),
            .openDNSFlows(2),
        ] + containers + programs
    }

    private static var containers: [Finding] {
        guard let bridge = InterfaceName("docker0"), let network = IPPrefix(container, length: 16)
        else { return [] }
        return [
            .containersRedirected(bridge, network, inbound: inbound.port),
            .forwardedConnections(bridge),
            .virtualNetworkInbound(
                ports: [.service], networks: [network], inbound: inbound.port),
        ]
    }

    private static var programs: [Finding] {
        [
            .oldKernel("5.10.0-33-amd64"),
            .missingFeature(
                ProgramSurvey.Feature(
                    name: "programs that look up listeners (sk_lookup)", since: "5.9",
                    problem: "Invalid argument")),
            .missingLibrary,
            .unusableCgroup(
                "/sys/fs/cgroup: no cgroup v2 file system is mounted",
                remedy: "mount it: mount -t cgroup2 cgroup2 DIRECTORY, or use --backend nft"),
            .unusableBPFFileSystem(
                "/sys/fs/bpf: no BPF file system is mounted",
                remedy: "mount it: mount -t bpf bpf /sys/fs/bpf"),
            .missingCapabilities(["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_BPF"]),
            .lockdown("integrity"), .userNamespace(.kumaDefault, UserID(105_678)),
            .ciliumSockets([
                ProgramSurvey.Program(id: 71, name: "cil_sock4_conne", hook: "connect4")
            ]),
            .foreignPrograms([
                ProgramSurvey.Program(id: 72, name: "sd_fw_connect", hook: "connect4")
            ]),
        ]
    }

    private static func obstacle(rule: Int?, _ text: String) -> FirewallObstacle {
        FirewallObstacle(
            FilterTrace.Place(
                tool: .nft, family: .inet, table: "filter", base: "input", hook: .input,
                chain: "input", rule: rule, text: text),
            by: .table, targets: [.init(inbound, .tcp)])
    }
}
