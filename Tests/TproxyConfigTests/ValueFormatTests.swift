import Addressing
import Testing
import TproxyConfig
import TproxyTestSupport

/// The notation of each kind of value, as docs/configuration.md describes it.
@Suite struct ValueFormatTests {
    private func value(_ path: String, in yaml: String) throws -> [String] {
        EffectiveConfiguration(try Configuration.load(yaml).get().config).rows
            .filter { $0.path == path || $0.path.hasPrefix("\(path)[") }.map(\.value)
    }

    @Test(arguments: ["15006", "\"15006\"", "'15006'"])
    func aPortMayBeQuoted(text: String) throws {
        #expect(
            try value("redirect.inbound.port", in: "redirect: {inbound: {port: \(text)}}")
                == ["15006"])
    }

    @Test(arguments: [
        "[80, 443]", "[\"80\", '443']", "\"80,443\"", "'80, 443'", "[\"80,443\"]",
        "\n      - 80\n      - \"443\"\n",
    ])
    func aListMayBeOneText(text: String) throws {
        let yaml = "redirect:\n  inbound:\n    excludePorts: \(text)\n"
        #expect(try value("redirect.inbound.excludePorts", in: yaml) == ["80", "443"])
    }

    @Test func aListMayBeOnePort() throws {
        let yaml = "redirect: {inbound: {excludePorts: 80}}"
        #expect(try value("redirect.inbound.excludePorts", in: yaml) == ["80"])
    }

    @Test(arguments: [
        ("1000", "tcp,udp:*:1000"), ("1000-2000", "tcp,udp:*:1000-2000"),
        ("1000,1002", "tcp,udp:*:1000,1002"), ("80:1000", "tcp,udp:80:1000"),
        ("tcp:80:1000", "tcp:80:1000"), ("udp,tcp:80:1000", "tcp,udp:80:1000"),
        ("*:80,90-99:1000", "tcp,udp:80,90-99:1000"), ("::1000", "tcp,udp:*:1000"),
        ("tcp:*:1000680000", "tcp:*:1000680000"), ("UDP::5-6,9", "udp:*:5-6,9"),
        (":1000", "tcp,udp:*:1000"),
    ])
    func ownerExclusionsHaveOneToThreeFields(text: String, expected: String) throws {
        let yaml = "redirect: {outbound: {excludePortsForUIDs: [\"\(text)\"]}}"
        #expect(try value("redirect.outbound.excludePortsForUIDs", in: yaml) == [expected])
    }

    /// Kuma splits at commas, so it can't read several ports from the environment.
    @Test(arguments: [
        ("tcp:80,443:1000;udp:53:1001", ["tcp:80,443:1000", "udp:53:1001"]),
        ("tcp:80:1000,udp:53:1001", ["tcp:80:1000", "udp:53:1001"]),
        ("tcp:80,443:1000", ["tcp:80,443:1000"]),
    ])
    func ownerExclusionsInTheEnvironmentAreSplit(text: String, expected: [String]) throws {
        let config = try Configuration.load(
            environment: [
                "KUMA_TRANSPARENT_PROXY_REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_UIDS": text
            ]
        ).get().config
        #expect(
            config.redirect.outbound.excludePortsForUIDs.value.map(\.value.description)
                == expected)
    }

    @Test(arguments: [
        ("2s", "2s"), ("3000000000", "3s"), ("1m30s", "90s"), ("500ms", "500ms"),
        ("1.5h", "5400s"), ("0", "0s"), ("1us", "1000ns"),
    ])
    func durationsAreThoseOfGo(text: String, expected: String) throws {
        #expect(
            try value("retry.sleepBetweenRetries", in: "retry: {sleepBetweenRetries: \(text)}")
                == [expected])
    }

    @Test func oneInterfaceMayHaveSeveralBlocks() throws {
        let yaml = "redirect: {vnet: {networks: [\"br0:10.0.0.0/8\", \"br0:10.1.0.0/16\"]}}"
        #expect(
            try value("redirect.vnet.networks", in: yaml) == ["br0:10.0.0.0/8", "br0:10.1.0.0/16"])
    }

    @Test(arguments: ["IPv4", "ipv4", "IPV4"])
    func familyModesIgnoreLetterCase(text: String) throws {
        #expect(try value("ipFamilyMode", in: "ipFamilyMode: \(text)") == ["ipv4"])
    }

    @Test func anEmptyFamilyModeIsDualstack() throws {
        #expect(try value("ipFamilyMode", in: "ipFamilyMode: \"\"") == ["dualstack"])
    }

    @Test func executablesMayBeAMapOrAText() throws {
        let map = "iptablesExecutables: {iptables: /a, iptables-save: /b, iptables-restore: /c}"
        let text = "iptablesExecutables: \"iptables:/a,iptables-save:/b,iptables-restore:/c\""
        #expect(try value("iptablesExecutables", in: map) == value("iptablesExecutables", in: text))
        let loaded = try Configuration.load("iptablesExecutables: {iptables: /a}").get()
        #expect(loaded.diagnostics.map(\.id) == ["incomplete-executables"])
    }

    @Test func jsonIsYAML() throws {
        let json = "{\n\t\"redirect\": {\n\t\t\"inbound\": {\"port\": 7}\n\t}\n}"
        #expect(try value("redirect.inbound.port", in: json) == ["7"])
    }
}
