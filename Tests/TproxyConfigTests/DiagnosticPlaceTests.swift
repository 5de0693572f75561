import Diagnostics
import Testing
import TproxyConfig
import TproxyTestSupport

/// All errors are found in one run, with their places.
@Suite struct DiagnosticPlaceTests {
    /// `➊` precedes the character to which the diagnostic must point.
    @Test(arguments: [
        ("redirect:\n  inbound:\n    port: ➊70000\n", "port-out-of-range"),
        ("redirect:\n  inbound:\n    port: ➊0\n", "port-out-of-range"),
        ("redirect:\n  inbound:\n    port: ➊http\n", "invalid-port"),
        ("redirect:\n  inbound:\n    port: \"➊70000\"\n", "port-out-of-range"),
        ("redirect:\n  inbound:\n    ➊prot: 1\n", "unknown-key"),
        ("redirect:\n  inbound:\n    port: ➊[1, 2]\n", "wrong-type"),
        ("redirect: ➊5\n", "wrong-type"),
        ("redirect:\n  inbound:\n    excludePorts: [80, ➊0, 443]\n", "port-out-of-range"),
        ("redirect:\n  inbound:\n    excludePorts: \"80,➊80-90\"\n", "port-range-not-allowed"),
        ("redirect:\n  inbound:\n    excludePorts: [\"80,➊\"]\n", "empty-item"),
        ("redirect:\n  inbound:\n    excludePorts: \"➊\"\n", "empty-item"),
        (
            "redirect:\n  outbound:\n    excludePortsForUIDs: [\"tcp:➊1-2-3:5\"]\n",
            "invalid-port-range"
        ),
        (
            "redirect:\n  outbound:\n    excludePortsForUIDs: [\"tcp:➊90-80:5\"]\n",
            "reversed-range"
        ),
        (
            "redirect:\n  outbound:\n    excludePortsForUIDs: [\"tcp:80:➊*\"]\n", "uid-wildcard"
        ),
        (
            "redirect:\n  outbound:\n    excludePortsForUIDs: [\"➊sctp:80:5\"]\n",
            "unsupported-protocol"
        ),
        (
            "redirect:\n  outbound:\n    excludePortsForUIDs: [\"80:➊4294967295\"]\n",
            "uid-out-of-range"
        ),
        (
            "redirect:\n  outbound:\n    excludePortsForUIDs: [\"80:➊1-2-3\"]\n",
            "invalid-uid-range"
        ),
        ("redirect:\n  outbound:\n    excludePortsForUIDs: [\"80:➊5-4\"]\n", "reversed-range"),
        ("redirect:\n  outbound:\n    excludePortsForUIDs: [\"80:➊root\"]\n", "invalid-uid"),
        (
            "redirect:\n  outbound:\n    excludePortsForUIDs: [\"➊a:b:c:d\"]\n",
            "invalid-owner-exclusion"
        ),
        ("redirect:\n  outbound:\n    excludePortsForIPs: [➊10.0.0.0/33]\n", "invalid-cidr"),
        ("redirect:\n  outbound:\n    excludePortsForIPs: [➊example.org]\n", "invalid-ip"),
        ("redirect:\n  vnet:\n    networks: [\"➊br 0:10.0.0.0/8\"]\n", "invalid-interface"),
        (
            "redirect:\n  vnet:\n    networks: [\"➊sixteen-bytes-xx:10.0.0.0/8\"]\n",
            "invalid-interface"
        ),
        ("redirect:\n  vnet:\n    networks: [\"br0:➊10.0.0.0/99\"]\n", "invalid-cidr"),
        ("redirect:\n  vnet:\n    networks: [➊br0]\n", "invalid-virtual-network"),
        ("ipFamilyMode: ➊ipv6\n", "invalid-ip-family-mode"),
        ("dryRun: ➊maybe\n", "invalid-truth-value"),
        ("wait: ➊-1\n", "number-out-of-range"),
        ("wait: ➊5.5\n", "invalid-number"),
        ("log:\n  level: ➊8\n", "number-out-of-range"),
        ("retry:\n  sleepBetweenRetries: ➊3x\n", "invalid-duration"),
        ("retry:\n  sleepBetweenRetries: ➊-3s\n", "invalid-duration"),
        ("kumaDPUser: \"➊a b\"\n", "invalid-user"),
        ("kumaDPUser: ➊99999999999\n", "invalid-user"),
        ("iptablesExecutables:\n  ➊iptable: /x\n", "invalid-iptables-program"),
        ("wait: 5\n➊WAIT: 6\n", "repeated-key"),
        ("redirect:\n  dns:\n    port: 1\n    enabled: true\n    ➊port: 2\n", "repeated-key"),
        ("wait: 5\n➊wait: 6\nwait: 7\n", "repeated-key"),
        ("➊- a\n- b\n", "not-a-mapping"),
    ])
    func pointsAtTheMistake(marked: String, id: String) throws {
        let text = marked.replacing("➊", with: "")
        let problems = Configuration.problems(text)
        #expect(problems.map(\.id) == [id])
        let problem = try #require(problems.first)
        #expect(problem.help != nil)
        guard let mark = marked.firstIndex(of: "➊") else { return }
        let before = marked[..<mark].split(separator: "\n", omittingEmptySubsequences: false)
        let line = before.count
        let column = (before.last?.count ?? 0) + 1
        #expect(problem.location?.description == "tproxy.yaml:\(line):\(column)")
    }

    @Test func reportsEverythingAtOnce() {
        let problems = Configuration.problems(
            """
            redirect:
              inbound:
                port: 70000
                prot: 5
              outbound:
                excludePorts: [0, 80-90]
            wait: -1
            """)
        #expect(
            problems.map(\.id) == [
                "unknown-key", "port-out-of-range", "port-out-of-range", "port-range-not-allowed",
                "number-out-of-range",
            ])
    }

    @Test func suggestsTheIntendedName() {
        let problems = Configuration.problems("redirect: {inbond: {port: 1}}\nkumaDpUsr: x")
        #expect(
            problems.compactMap(\.help) == [
                "did you mean 'redirect.inbound'?", "did you mean 'kumaDPUser'?",
            ])
    }

    @Test func unknownKeysMayBeAllowed() throws {
        let loaded = try Configuration.load("extra: 1\nwait: 7", allowUnknownKeys: true).get()
        #expect(loaded.diagnostics.map(\.severity) == [.warning])
        #expect(loaded.config.wait.value == 7)
    }

    @Test func environmentAndFlagsAreShown() throws {
        let problems = Configuration.problems(
            environment: ["KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_PORT": "x"],
            flags: [FlagValue(name: "--vnet", values: ["br0:10.0.0.0/8", "br 1:10.0.0.0/8"])])
        #expect(
            problems.map { $0.location?.description ?? "" } == [
                "KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_PORT", "--vnet",
            ])
        let text = DiagnosticPrinter().text(of: try #require(problems.last))
        #expect(text.contains("--vnet br 1:10.0.0.0/8\n           ^~~~"))
    }

    @Test func aTypoInAVariableIsAWarning() throws {
        let loaded = try Configuration.load(
            environment: ["KUMA_TRANSPARENT_PROXY_REDIRECT_DNS_ENABELD": "true"]
        ).get()
        #expect(loaded.diagnostics.map(\.id) == ["unknown-variable"])
        #expect(loaded.diagnostics[0].help?.contains("REDIRECT_DNS_ENABLED") == true)
    }

    @Test func twoChainsOfOneNameAreRefused() {
        let problems = Configuration.problems(environment: [
            "KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_CHAIN_NAME": "outbound"
        ])
        #expect(problems.map(\.id) == ["repeated-chain-name"])
    }
}
