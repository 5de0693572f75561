import Foundation
import JSON
import Testing
import TproxyTestSupport

/// `tproxy validate` proves what works, and names what is broken.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ValidateTests {
    private static let kinds = [
        "inbound", "outbound", "dns", "application", "proxy", "proxy-dns",
    ]
    private static let paths = ["IPv4", "IPv6"].flatMap { family in
        kinds.map { "\(family) \($0)" }
    }

    // MARK: Whole rules

    @Test func rootProvesEveryPath() async throws {
        try await ValidationHost.with { host in
            try await host.apply()
            let before = try await host.sandbox.state()
            let (status, verdicts, document) = try await host.verdicts()
            #expect(status == 0, "\(document)")
            #expect(Set(verdicts.keys) == Set(Self.paths), "\(document)")
            #expect(Set(verdicts.values) == ["proved"], "\(document)")
            #expect(try await JSONSchemaCheck.problems(document, "validation-1") == "")
            #expect(
                Self.withoutCounters(try await host.sandbox.state()) == Self.withoutCounters(before)
            )
        }
    }

    /// All capabilities are dropped, as in the container kuma-validation.
    @Test func theProxysUserProvesInboundAndItsOwnTraffic() async throws {
        try await ValidationHost.with { host in
            try await host.apply()
            let (status, verdicts, document) = try await host.verdicts(as: 5678)
            #expect(status == 0, "\(document)")
            for family in ["IPv4", "IPv6"] {
                for kind in ["inbound", "application", "proxy", "proxy-dns"] {
                    #expect(verdicts["\(family) \(kind)"] == "proved", "\(document)")
                }
                for kind in ["outbound", "dns"] {
                    #expect(verdicts["\(family) \(kind)"] == "unproved", "\(document)")
                }
            }
            #expect(document.contains("a UID other than the proxy's 5678"), "\(document)")
        }
    }

    @Test func anotherUserProvesOutboundAndDNS() async throws {
        try await ValidationHost.with { host in
            try await host.apply()
            let (status, verdicts, document) = try await host.verdicts(as: 1000)
            #expect(status == 0, "\(document)")
            for family in ["IPv4", "IPv6"] {
                for kind in ["outbound", "dns"] {
                    #expect(verdicts["\(family) \(kind)"] == "proved", "\(document)")
                }
                for kind in ["inbound", "application", "proxy", "proxy-dns"] {
                    #expect(verdicts["\(family) \(kind)"] == "unproved", "\(document)")
                }
            }
        }
    }

    /// Lists of the configuration change which connections are redirected, not the verdict.
    @Test(arguments: [
        ["--exclude-outbound-ips", "192.0.2.0/24,2001:db8::/48", "--exclude-outbound-ports", "80"],
        ["--exclude-outbound-ports-for-uids", "40000", "--redirect-inbound-port", "17006"],
        ["--redirect-inbound=false"], ["--ip-family-mode", "ipv4"],
    ])
    func aConfigurationWithListsIsProved(arguments: [String]) async throws {
        try await ValidationHost.with { host in
            let arguments = ValidationHost.configuration + arguments
            try await host.apply(arguments)
            let (status, verdicts, document) = try await host.verdicts(arguments)
            #expect(status == 0 && Set(verdicts.values) == ["proved"], "\(document)")
            #expect(verdicts["IPv4 outbound"] == "proved")
            // Without redirection of incoming connections, those of the proxy to this host still are.
            #expect(verdicts["IPv4 inbound"] == "proved")
            #expect((verdicts["IPv6 dns"] == nil) == arguments.contains("ipv4"))
        }
    }

    // MARK: One rule less

    struct Loss: Sendable, CustomTestStringConvertible {
        var path: String
        var chain: String
        var words: [String]
        /// Other paths that the same rule serves.
        var others: [String] = []

        var testDescription: String { path }
    }

    static let losses: [Loss] = [
        Loss(
            path: "IPv4 inbound", chain: "mesh_outbound",
            words: ["ip daddr != 127.0.0.1", "jump mesh_inbound_redirect"]),
        Loss(
            path: "IPv6 inbound", chain: "mesh_outbound",
            words: ["ip6 daddr != ::1", "jump mesh_inbound_redirect"]),
        Loss(
            path: "IPv4 inbound", chain: "mesh_inbound_redirect", words: ["redirect to :15006"],
            others: ["IPv6 inbound"]),
        Loss(
            path: "IPv4 outbound", chain: "mesh_outbound", words: ["jump mesh_outbound_redirect"],
            others: ["IPv6 outbound"]),
        Loss(
            path: "IPv4 outbound", chain: "mesh_outbound_redirect", words: ["redirect to :15001"],
            others: ["IPv6 outbound"]),
        Loss(
            path: "IPv4 outbound", chain: "nat_output_last", words: ["jump mesh_outbound comment"],
            others: ["IPv6 outbound", "IPv4 inbound", "IPv6 inbound"]),
        Loss(
            path: "IPv4 dns", chain: "nat_output_first", words: ["redirect to :15053"],
            others: ["IPv6 dns"]),
        // The answer of the proxy no longer belongs to the query.
        Loss(
            path: "IPv4 dns", chain: "raw_output_last", words: ["udp sport 15053"],
            others: ["IPv6 dns"]),
        Loss(path: "IPv4 application", chain: "mesh_outbound", words: ["ip saddr 127.0.0.6"]),
        Loss(path: "IPv6 application", chain: "mesh_outbound", words: ["ip6 saddr ::6"]),
        Loss(
            path: "IPv4 proxy", chain: "mesh_outbound", words: ["meta skuid 5678", "return"],
            others: ["IPv6 proxy"]),
        Loss(
            path: "IPv4 proxy-dns", chain: "nat_output_first",
            words: ["meta skuid 5678", "return"],
            others: ["IPv6 proxy-dns"]),
    ]

    @Test(arguments: losses)
    func aPathThatLostItsRuleIsNamed(loss: Loss) async throws {
        try await ValidationHost.with { host in
            try await host.apply()
            try await host.deleteRules(loss.words, in: loss.chain)
            let (status, verdicts, document) = try await host.verdicts()
            #expect(status == 2)
            let broken = verdicts.filter { $0.value == "broken" }.keys
            #expect(Set(broken) == Set([loss.path] + loss.others), "\(document)")
            #expect(document.contains("the path '\(loss.path)' is broken"), "\(document)")
        }
    }

    /// The connection of a broken path names the proxy's address `::6`, if that is missing.
    @Test func aMissingAddressBreaksInboundOfIPv6() async throws {
        try await ValidationHost.with { host in
            try await host.apply()
            try await host.sandbox.shell("ip -6 address delete ::6/128 dev lo")
            let (status, verdicts, document) = try await host.verdicts()
            #expect(status == 2)
            #expect(
                verdicts.filter { $0.value == "broken" }.keys.sorted() == ["IPv6 inbound"],
                "\(document)")
        }
    }

    // MARK: No rules

    /// Kuma's validator passed in mode ipv4 without rules.
    @Test(arguments: ["dualstack", "ipv4", "ipv6"], [nil, 5678, 1000])
    func aPodWithoutRulesFailsInEveryFamilyMode(mode: String, user: Int?) async throws {
        try await ValidationHost.with { host in
            let outcome = try await host.run(
                [
                    "install", "transparent-proxy-validator", "--ip-family-mode", mode,
                    "--validation-server-port", "15006", "--timeout", "1",
                ], as: user)
            if mode == "ipv6" {
                // There is no such mode: the flag is refused.
                #expect(outcome.status == 1 && outcome.errors.contains("ipv6"), "\(outcome.errors)")
                return
            }
            #expect(outcome.status == 2, "\(outcome.output)\(outcome.errors)")
            #expect(outcome.errors.contains("the path 'IPv4 inbound' is broken"))
            #expect(
                outcome.errors.contains("the path 'IPv6 inbound' is broken")
                    == (mode == "dualstack"))
        }
    }

    /// A pod without a route and without DNS: no connection could tell, which is no success.
    @Test func nothingProvedIsAFailure() async throws {
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.run(
                "setpriv",
                ["--bounding-set=-all", "--inh-caps=-all", Command.tproxy, "validate"]
                    + ["--kuma-dp-user", "5678"])
            #expect(outcome.status == 1, "\(outcome.output)")
            #expect(outcome.errors.contains("[nothing-proved]"), "\(outcome.errors)")
        }
    }

    @Test func nothingToProveIsNoFailure() async throws {
        try await Sandbox.with { sandbox in
            let file = "redirect: {inbound: {enabled: false}, outbound: {enabled: false}}"
            let outcome = try await sandbox.tproxy(
                ["validate", "--config", "-", "--kuma-dp-user", "5678"], input: file)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "the configuration redirects nothing\n")
        }
    }

    // MARK: Kuma's validator

    /// In Kuma's container, the user that runs the validator is the proxy's.
    @Test(arguments: ["dualstack", "ipv4"])
    func kumasCommandLineProvesInbound(mode: String) async throws {
        try await ValidationHost.with { host in
            try await host.apply([
                "--kuma-dp-user", "1234", "--ip-family-mode", mode, "--redirect-inbound-port",
                "16006",
            ])
            let arguments = [
                "install", "transparent-proxy-validator", "--ip-family-mode", mode,
                "--validation-server-port", "16006",
            ]
            let proxys = try await host.run(arguments, as: 1234)
            #expect(proxys.status == 0, "\(proxys.output)\(proxys.errors)")
            #expect(proxys.output.contains("IPv4 inbound"))
            #expect(proxys.output.contains("IPv6 inbound") == (mode == "dualstack"))
            // The rules don't know this user as the proxy's.
            let others = try await host.run(arguments, as: 5678)
            #expect(others.status == 2, "\(others.output)")
        }
    }

    // MARK: With the proxy's own listeners

    private static let proxy = """
        import socket, threading
        def serve(family, port):
            server = socket.socket(family, socket.SOCK_STREAM)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            server.bind(("" if family == socket.AF_INET else "::", port))
            server.listen(50)
            return server
        servers = [serve(f, p) for f in (socket.AF_INET, socket.AF_INET6) for p in (15001, 15006)]
        print("ready", flush=True)
        kept = []
        def accept(server):
            while True: kept.append(server.accept())
        for server in servers: threading.Thread(target=accept, args=(server,), daemon=True).start()
        threading.Event().wait(60)
        """

    /// The kernel's list of sockets says which port has a connection.
    @Test(arguments: [true, false])
    func pathsAreProvedBesideTheProxy(isWhole: Bool) async throws {
        try await ValidationHost.with { host in
            try await host.apply()
            if !isWhole {
                try await host.deleteRules(["redirect to :15001"], in: "mesh_outbound_redirect")
            }
            let folder = try TestFolder()
            let script = folder.path(of: "proxy.py")
            try Self.proxy.write(toFile: script, atomically: false, encoding: .utf8)
            let outcome = try await host.sandbox.shell(
                """
                mkfifo \(folder.path(of: "ready"))
                python3 \(script) > \(folder.path(of: "ready")) & proxy=$!
                read ready < \(folder.path(of: "ready"))
                \(Command.tproxy) validate --timeout 2 --output json \\
                    \(ValidationHost.configuration.joined(separator: " ")); echo "exit $?"
                kill $proxy
                """)
            let paths = try JSONValue(
                parsing: String(
                    outcome.prefix(upTo: outcome.range(of: "exit ")?.lowerBound ?? outcome.endIndex)
                ))
            let verdicts = Dictionary(
                uniqueKeysWithValues: (paths["paths"]?.array ?? []).map {
                    ($0["path"]?.string ?? "", $0["verdict"]?.string ?? "")
                })
            #expect(outcome.contains(isWhole ? "exit 0" : "exit 2"), "\(outcome)")
            for family in ["IPv4", "IPv6"] {
                for kind in ["inbound", "application", "proxy", "dns", "proxy-dns"] {
                    #expect(verdicts["\(family) \(kind)"] == "proved", "\(outcome)")
                }
                #expect(verdicts["\(family) outbound"] == (isWhole ? "proved" : "broken"))
            }
        }
    }

    private static func withoutCounters(_ text: String) -> String {
        text.replacing(/counter packets \d+ bytes \d+/, with: "counter")
    }
}
