import Testing
import TproxyConfig
import TproxyTestSupport

/// Flags of older versions of Kuma are accepted, with a warning that names the replacement.
@Suite struct OldNamesTests {
    @Test(arguments: [
        "--redirect-inbound-port-v6", "--skip-resolv-conf", "--kuma-cp-ip",
        "--redirect-dns-upstream-target-chain", "--experimental-transparent-proxy-engine",
    ])
    func flagsWithoutEffectAreAWarning(name: String) throws {
        let loaded = try Configuration.load(flags: [FlagValue(name: name, values: ["x"])]).get()
        #expect(loaded.config == TproxyConfig())
        #expect(loaded.diagnostics.map(\.id) == ["deprecated-flag"])
        #expect(loaded.diagnostics[0].help != nil)
    }

    @Test func theOldUserFlagSetsTheUser() throws {
        let flags = [FlagValue(name: "--kuma-dp-uid", values: ["77"])]
        let loaded = try Configuration.load(flags: flags).get()
        #expect(loaded.config.kumaDPUser.value?.description == "77")
        #expect(loaded.diagnostics.map(\.id) == ["deprecated-flag"])
    }

    @Test func theOldOwnerFlagsAreCombined() throws {
        let loaded = try Configuration.load(flags: [
            FlagValue(name: "--exclude-outbound-ports-for-uids", values: ["tcp:1:1"]),
            FlagValue(name: "--exclude-outbound-tcp-ports-for-uids", values: ["80:5"]),
            FlagValue(name: "--exclude-outbound-udp-ports-for-uids", values: ["53:6"]),
        ]).get()
        #expect(
            loaded.config.redirect.outbound.excludePortsForUIDs.value.map(\.value.description)
                == ["tcp:1:1", "tcp:80:5", "udp:53:6"])
        #expect(loaded.diagnostics.count == 2)
    }

    @Test func bothDNSFlagsTogetherAreRefused() {
        let problems = Configuration.problems(flags: [
            FlagValue(name: "--redirect-dns", values: ["true"]),
            FlagValue(name: "--redirect-all-dns-traffic", values: ["true"]),
        ])
        #expect(problems.map(\.id) == ["conflicting-flags"])
    }
}
