import Foundation
import Testing
import TproxyTestSupport

/// DNS in a container of a real dockerd, whose own server forwards what it doesn't know.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct DockerResolverTests {
    private static let mesh = ["a.mesh", "b.mesh", "c.mesh"]
    private static let containers = ["one", "two", "three"]
    private static let external = ["a.example", "b.example", "c.example"]
    private static let nineNames = mesh + containers + external

    private static let captureAll = "dns: {enabled: true, captureAll: true}"
    private static let exclusion = "outbound: {excludePortsForUIDs: [\"udp:53:0\"]}"

    private static func resolversOnly(_ container: DockerContainer) -> String {
        "redirect: {dns: {enabled: true, resolvConfigPath: \(container.resolvConf)}}"
    }

    /// The address of every name, as the proxy or Docker's resolver answers.
    private static func expected(
        _ rig: DockerRig, isProxied: Bool = true
    ) -> [String: String] {
        var expected = Dictionary(uniqueKeysWithValues: containers.map { ($0, rig.peer) })
        for name in external { expected[name] = "192.0.2.80" }
        for name in mesh { expected[name] = isProxied ? "240.0.0.7" : "192.0.2.80" }
        return expected
    }

    /// The identifiers of the preflight's findings.
    private static func findings(
        _ container: DockerContainer, _ backend: String, _ configuration: String
    ) async throws -> [String] {
        let outcome = try await container.tproxy(
            ["preflight", "--output", "json", "--backend", backend], configuration: configuration)
        #expect(try await JSONSchemaCheck.problems(outcome.output, "preflight-2") == "")
        struct Report: Decodable {
            struct Finding: Decodable { var id: String }
            var findings: [Finding]
        }
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)).findings.map(
            \.id)
    }

    private static func state(_ container: DockerContainer) async throws -> String {
        try await container.shell(
            "nft list ruleset 2> /dev/null; cat /proc/thread-self/net/ip_tables_names")
    }

    private static func backends(_ flavour: DockerRig.Flavour) -> [String] {
        ["nft", "iptables-\(flavour.rawValue)", "iptables"]
    }

    @Test(arguments: DockerRig.Flavour.allCases)
    func everyNameResolvesWithRedirectedResolvers(flavour: DockerRig.Flavour) async throws {
        try await DockerRig.with(flavour) { rig in
            for backend in Self.backends(flavour) {
                try await rig.withContainer(backend) { container in
                    let configuration = Self.resolversOnly(container)
                    #expect(
                        try await Self.findings(container, backend, configuration) == [],
                        "\(backend)")
                    let applied = try await container.tproxy(
                        ["apply", "--strict", "--backend", backend], configuration: configuration)
                    #expect(applied.status == 0, "\(backend): \(applied.errors)")
                    for user in [1000, 0] {
                        #expect(
                            try await container.addresses(of: Self.nineNames, as: user)
                                == Self.expected(rig), "\(backend), user \(user)")
                    }
                    #expect(
                        try await container.proxiedQueries().sorted()
                            == (Self.nineNames + Self.nineNames).sorted(), "\(backend)")
                }
            }
            // No query for a name of the mesh or of a container left the host.
            #expect(Set(try await rig.externalQueries()) == Set(Self.external))
        }
    }

    @Test(arguments: DockerRig.Flavour.allCases)
    func otherFlavourThanDockersIsRefused(flavour: DockerRig.Flavour) async throws {
        try await DockerRig.with(flavour) { rig in
            try await rig.withContainer("app") { container in
                let other = flavour == .nft ? "iptables-legacy" : "iptables-nft"
                let configuration = Self.resolversOnly(container)
                let before = try await Self.state(container)
                let refused = try await container.tproxy(
                    ["apply", "--backend", other], configuration: configuration)
                #expect(refused.status == 1)
                #expect(
                    refused.errors.contains(
                        "help: use --backend iptables-\(flavour.rawValue), or nft"),
                    "\(refused.errors)")
                #expect(!refused.errors.contains("kernel-refused"), "\(refused.errors)")
                #expect(try await Self.state(container) == before)
                #expect(
                    try await Self.findings(container, other, configuration) == ["docker-flavour"])
            }
        }
    }

    /// Docker's resolver forwards from the container's namespace, as root.
    @Test func captureAllIsReportedAsAResolverLoop() async throws {
        try await DockerRig.with(.nft) { rig in
            for backend in ["nft", "iptables-nft"] {
                try await rig.withContainer(backend) { container in
                    let configuration = "redirect: {\(Self.captureAll)}"
                    let before = try await Self.state(container)
                    let refused = try await container.tproxy(
                        ["apply", "--strict", "--backend", backend], configuration: configuration)
                    #expect(refused.status == 1)
                    #expect(refused.errors.contains("[resolver-loop]"), "\(refused.errors)")
                    #expect(refused.errors.contains("leave redirect.dns.captureAll off"))
                    #expect(try await Self.state(container) == before)

                    let applied = try await container.tproxy(
                        ["apply", "--backend", backend], configuration: configuration)
                    #expect(applied.status == 0, "\(applied.errors)")
                    let inside = Self.mesh + Self.containers
                    #expect(
                        try await container.addresses(of: inside, as: 1000)
                            == Self.expected(rig).filter { inside.contains($0.key) })
                    try await Self.expectLoop(container)
                }
            }
            #expect(try await rig.externalQueries() == [])
        }
    }

    /// Expects that one query reaches the proxy repeatedly.
    private static func expectLoop(_ container: DockerContainer) async throws {
        try await container.startAsking("loop.example", as: 1000)
        for _ in 1...200 {
            let seen = try await container.proxiedQueries().count { $0 == "loop.example" }
            if seen > 3 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("no loop: \(try await container.proxiedQueries())")
    }

    @Test func remediesEndTheResolverLoop() async throws {
        try await DockerRig.with(.nft) { rig in
            for backend in ["nft", "iptables-nft"] {
                try await rig.withContainer("\(backend)-uid") { container in
                    // Without a warning: Docker's rules leave no zones to split.
                    let dns = "dns: {enabled: true, captureAll: true, skipConntrackZoneSplit: true}"
                    let configuration = "redirect: {\(dns), \(Self.exclusion)}"
                    #expect(try await Self.findings(container, backend, configuration) == [])
                    let applied = try await container.tproxy(
                        ["apply", "--strict", "--backend", backend], configuration: configuration)
                    #expect(applied.status == 0, "\(applied.errors)")
                    #expect(
                        try await container.addresses(of: Self.nineNames, as: 1000)
                            == Self.expected(rig), "\(backend)")
                    // An excluded owner still has Docker's resolver.
                    #expect(
                        try await container.addresses(of: Self.nineNames, as: 0)
                            == Self.expected(rig, isProxied: false), "\(backend)")
                }
            }
        }
    }

    /// Docker's resolver forwards to the servers of the host, whose file is not the container's.
    @Test func hostsResolvConfIsReportedAsAResolverLoop() async throws {
        try await DockerRig.with(.nft) { rig in
            try await rig.withContainer("app") { container in
                let configuration = "redirect: {dns: {enabled: true}}"
                let applied = try await container.tproxy(["apply"], configuration: configuration)
                #expect(applied.errors.contains("[resolver-loop]"), "\(applied.errors)")
                #expect(applied.errors.contains("redirect.dns.resolvConfigPath"))
                try await Self.expectLoop(container)
            }
        }
    }

    /// DNS over TCP is not redirected and must reach Docker's rules, though ours precede them.
    @Test func dnsOverTCPReachesDockersResolver() async throws {
        try await DockerRig.with(.nft) { rig in
            for backend in ["nft", "iptables-nft"] {
                for jump in ["", ", outbound: {insertRedirectInsteadOfAppend: true}"] {
                    try await rig.withContainer("app") { container in
                        let applied = try await container.tproxy(
                            ["apply", "--backend", backend],
                            configuration: "redirect: {dns: {enabled: true, resolvConfigPath: "
                                + "\(container.resolvConf)}\(jump)}")
                        #expect(applied.status == 0, "\(applied.errors)")
                        #expect(
                            try await container.addresses(
                                of: Self.containers, as: 1000, overTCP: true)
                                == Self.expected(rig).filter { Self.containers.contains($0.key) },
                            "\(backend)\(jump)")
                    }
                }
            }
        }
    }

    /// Excluded owners and destinations reach Docker's rules, whichever rules come first.
    @Test(arguments: [
        "outbound: {excludePortsForUIDs: [\"1000\"]}",
        "outbound: {excludePortsForIPs: [127.0.0.0/8]}",
    ])
    func exclusionsLeaveDockersResolverReachable(exclusion: String) async throws {
        try await DockerRig.with(.nft) { rig in
            for backend in ["nft", "iptables-nft"] {
                for isEnabled in [true, false] {
                    try await rig.withContainer("app") { container in
                        let dns =
                            "dns: {enabled: \(isEnabled), resolvConfigPath: "
                            + "\(container.resolvConf)}"
                        let applied = try await container.tproxy(
                            ["apply", "--backend", backend],
                            configuration: "redirect: {\(dns), \(exclusion)}")
                        #expect(applied.status == 0, "\(applied.errors)")
                        #expect(
                            try await container.addresses(of: Self.nineNames, as: 1000)
                                == Self.expected(rig, isProxied: false), "\(backend), \(dns)")
                    }
                }
            }
        }
    }
}
