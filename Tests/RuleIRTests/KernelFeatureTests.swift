import RuleIR
import Testing

@Suite struct KernelFeatureTests {
    static let expressions = ["redir", "ct", "log", "counter"]
    static let extensions = [
        "comment", "conntrack", "multiport", "owner", "tcp", "udp", "CT", "LOG", "REDIRECT",
    ]

    static var all: [KernelFeature] {
        [.nfTables, .natInInet, .rangesInConcatenations, .conntrackZones]
            + expressions.compactMap(KernelFeature.nftablesExpression)
            + extensions.compactMap(KernelFeature.iptablesExtension)
            + extensions.compactMap { KernelFeature.iptablesExtension($0)?.throughNfTables }
            + ["nat", "mangle", "raw"].flatMap {
                [KernelFeature.legacyTable($0, isIPv6: false), .legacyTable($0, isIPv6: true)]
            }
    }

    @Test func everyFeatureOfTheRulesIsKnown() {
        #expect(Self.all.count == 4 + 4 + 9 + 9 + 6)
        #expect(KernelFeature.nftablesExpression("numgen") == nil)
        #expect(KernelFeature.iptablesExtension("RETURN") == nil)
    }

    @Test(arguments: all) func errorNamesFeatureVersionOptionAndModule(_ feature: KernelFeature) {
        guard case .unsupported(let named, let remedy) = feature.unsupported(for: "a rule") else {
            Issue.record("not .unsupported")
            return
        }
        #expect(named == "\(feature.name), which a rule needs")
        #expect(remedy.contains("Linux \(feature.since) or newer"))
        #expect(feature.since.wholeMatch(of: /[0-9]+(\.[0-9]+){1,2}/) != nil)
        for option in feature.options { #expect(remedy.contains("CONFIG_\(option)")) }
        for module in feature.modules { #expect(remedy.contains(module)) }
        #expect(!feature.options.isEmpty && !feature.modules.isEmpty)
    }

    @Test(arguments: [
        (KernelFeature.rangesInConcatenations, "5.6"), (.natInInet, "5.2"),
        (.legacyTable("nat", isIPv6: true), "3.7"), (.legacyTable("nat", isIPv6: false), "2.6.16"),
    ])
    func featureNamesItsFirstKernelVersion(_ feature: KernelFeature, _ version: String) {
        #expect(feature.since == version)
    }

    @Test func extensionThroughNfTablesNeedsTheNewerVersion() {
        #expect(KernelFeature.iptablesExtension("owner")?.throughNfTables.since == "3.13")
        #expect(KernelFeature.iptablesExtension("REDIRECT")?.throughNfTables.since == "3.13")
        #expect(
            KernelFeature.iptablesExtension("owner")?.throughNfTables.options
                == ["NETFILTER_XT_MATCH_OWNER", "NFT_COMPAT"])
    }
}
