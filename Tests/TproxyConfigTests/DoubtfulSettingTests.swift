import Diagnostics
import Testing
import TproxyConfig
import TproxyTestSupport

/// Settings that are valid one by one and don't do what they say are warned of.
@Suite struct DoubtfulSettingTests {
    /// `➊` precedes the character to which the warning must point.
    @Test(arguments: [
        ("redirect:\n  inbound:\n    port: ➊15001\n", "repeated-port"),
        ("redirect:\n  outbound:\n    port: ➊15006\n", "repeated-port"),
        (
            "redirect:\n  outbound: {port: 7}\n  inbound: {port: 8}\n  dns: {enabled: true, port: ➊7}\n",
            "repeated-port"
        ),
        ("redirect:\n  dns: {enabled: true}\n  inbound: {port: ➊15053}\n", "repeated-port"),
        (
            "redirect:\n  inbound:\n    includePorts: [80]\n    excludePorts: ➊[22]\n",
            "ignored-ports"
        ),
        (
            "redirect:\n  outbound:\n    excludePorts: \"➊22,23\"\n    includePorts: 80\n",
            "ignored-ports"
        ),
        (
            "redirect:\n  outbound:\n    excludePortsForIPs: [10.0.0.0/8, ➊0.0.0.0/0]\n",
            "excluded-family"
        ),
        ("redirect:\n  inbound:\n    excludePortsForIPs: [\"➊::/0\"]\n", "excluded-family"),
        (
            "redirect:\n  outbound:\n    excludePortsForIPs: [10.0.0.0/8, ➊240.0.0.0/4]\n",
            "excluded-virtual-ips"
        ),
        (
            "redirect:\n  outbound:\n    excludePortsForIPs: [➊243.255.0.1]\n",
            "excluded-virtual-ips"
        ),
        (
            "redirect:\n  outbound:\n    excludePortsForIPs: [➊128.0.0.0/1]\n",
            "excluded-virtual-ips"
        ),
        ("retry:\n  sleepBetweenRetries: ➊2\n", "duration-without-unit"),
        ("retry:\n  sleepBetweenRetries: \"➊2000000000\"\n", "duration-without-unit"),
        (
            "ipFamilyMode: ipv4\nredirect: {outbound: {excludePortsForIPs: [10.0.0.1, \"➊fd00::1\"]}}\n",
            "disabled-family"
        ),
        (
            "ipFamilyMode: ipv4\nredirect: {inbound: {excludePortsForIPs: [\"➊::/0\"]}}\n",
            "excluded-family,disabled-family"
        ),
        (
            "ipFamilyMode: ipv4\nredirect: {vnet: {networks: [\"➊br0:fd00::/64\"]}}\n",
            "disabled-family"
        ),
        ("redirect: {dns: {captureAll: ➊true}}\n", "without-effect"),
    ])
    func doubtfulSettingIsWarnedOf(marked: String, ids: String) throws {
        let loaded = try Configuration.load(marked.replacing("➊", with: "")).get()
        #expect(loaded.diagnostics.map(\.id).joined(separator: ",") == ids)
        #expect(loaded.diagnostics.allSatisfy { $0.severity == .warning && $0.help != nil })
        let mark = try #require(marked.firstIndex(of: "➊"))
        let before = marked[..<mark].split(separator: "\n", omittingEmptySubsequences: false)
        let place = "tproxy.yaml:\(before.count):\((before.last?.count ?? 0) + 1)"
        for problem in loaded.diagnostics {
            #expect(problem.location?.description == place)
        }
    }

    @Test(arguments: [
        "redirect: {inbound: {port: 15001}, outbound: {enabled: false}}",
        "redirect: {inbound: {port: 15001, enabled: false}}",
        "redirect: {inbound: {port: 15053}}",
        "redirect: {inbound: {includePorts: [80]}, outbound: {excludePorts: [22]}}",
        "redirect: {inbound: {includePorts: [80], excludePorts: []}}",
        "redirect: {outbound: {excludePortsForIPs: [239.255.255.255, 244.0.0.0/8, \"fd00::/8\"]}}",
        "redirect: {inbound: {excludePortsForIPs: [240.0.0.0/4]}}",
        "retry: {sleepBetweenRetries: 0}", "retry: {sleepBetweenRetries: 1m30s}",
        "ipFamilyMode: ipv4\nredirect: {outbound: {excludePortsForIPs: [10.0.0.1]}}",
        "redirect: {dns: {captureAll: true, enabled: true}}",
        "redirect: {dns: {captureAll: false}}",
    ])
    func otherSettingsAreNotWarnedOf(text: String) throws {
        #expect(try Configuration.load(text).get().diagnostics.isEmpty)
    }

    /// Only the scenario with both kinds of ports deserves a warning.
    @Test(arguments: Scenario.all)
    func scenariosHaveNoOtherWarnings(scenario: Scenario) throws {
        let text = try String(contentsOfFile: scenario.path(of: "tproxy.yaml"), encoding: .utf8)
        let ids = try Configuration.load(text).get().diagnostics.map(\.id)
        let expected = scenario.name == "include-ports" ? ["ignored-ports", "ignored-ports"] : []
        // That warning is older.
        #expect(ids.filter { $0 != "inbound-owner" } == expected)
    }

    /// A long list gives one warning, which counts the other entries.
    @Test func entriesOfOneListAreCounted() throws {
        let items = (0..<1000).map { "\"fd00::\(String($0, radix: 16))\"" }
        let text =
            "ipFamilyMode: ipv4\nredirect: {outbound: {excludePortsForIPs: [\(items.joined(separator: ","))]}}"
        let found = try Configuration.load(text).get().diagnostics
        #expect(found.map(\.message).count == 1)
        #expect(found.first?.message.hasPrefix("fd00:: and 999 more in ") == true, "\(found)")
    }

    /// Flags of the eBPF backend need it, which may be asked for elsewhere.
    @Test func flagsForEBPFAreNoted() throws {
        let flags = [
            FlagValue(name: "--ebpf-instance-ip", values: ["10.0.0.1"]),
            FlagValue(name: "--ebpf-bpffs-path", values: ["/run/kuma/bpf"]),
        ]
        let found = try Configuration.load(flags: flags).get().diagnostics
        #expect(found.map(\.id) == ["for-ebpf", "for-ebpf"])
        #expect(found.allSatisfy { $0.severity == .note })
    }

    @Test func aFlagIsShownWithItsValue() throws {
        let flags = [FlagValue(name: "--sleep-between-retries", values: ["3"])]
        let found = try Configuration.load(flags: flags).get().diagnostics
        #expect(found.map(\.id) == ["duration-without-unit"])
        #expect(found.first?.location?.description == "--sleep-between-retries")
        #expect(found.first?.help == "write the unit: 3s, 3ms or 3ns")
    }
}
