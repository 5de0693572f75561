import Testing
import TproxyConfig
import TproxyTestSupport

/// Every key of Kuma's schema is read from every source that Kuma has for it.
@Suite struct EveryKeyTests {
    /// Returns the values without their origins, for comparison.
    private func values(_ config: TproxyConfig) -> [String] {
        EffectiveConfiguration(config).rows.map { "\($0.path) = \($0.value)" }
    }

    @Test(arguments: KumaKey.all)
    func everyKeyIsReadFromEverySource(key: KumaKey) throws {
        let defaults = values(TproxyConfig())
        let environment = values(
            try Configuration.load(environment: [key.variable: key.value]).get().config)
        #expect(environment != defaults, "\(key) changes nothing")
        if !key.path.isEmpty {
            let file = values(try Configuration.load(key.yaml).get().config)
            #expect(file == environment)
            var shouting = key
            shouting.path = key.path.uppercased()
            #expect(values(try Configuration.load(shouting.yaml).get().config) == environment)
        }
        // This flag sets a second key.
        if let flag = key.flag, flag != "--redirect-all-dns-traffic" {
            let flags = [FlagValue(name: flag, values: [key.value])]
            #expect(values(try Configuration.load(flags: flags).get().config) == environment)
        }
    }

    @Test func theSchemaHasNoOtherKeys() {
        #expect(
            Set(ConfigurationKey.all.map(\.environmentVariable)) == Set(KumaKey.all.map(\.variable))
        )
        #expect(
            Set(ConfigurationKey.all.filter(\.isInFiles).map(\.path))
                == Set(KumaKey.all.map(\.path)).subtracting([""]))
        #expect(
            Set(ConfigurationKey.all.compactMap(\.flag)) == Set(KumaKey.all.compactMap(\.flag)))
    }

    @Test func chainNamesAreRefusedInFiles() throws {
        let problem = Configuration.problems("redirect: {inbound: {chainName: X}}")
        #expect(problem.map(\.id) == ["environment-only"])
    }

    /// `config show` prints what a file could contain.
    @Test func theEffectiveConfigurationReadsBack() throws {
        let environment = Dictionary(
            uniqueKeysWithValues: KumaKey.all.filter { !$0.path.isEmpty }.map {
                ($0.variable, $0.value)
            })
        let config = try Configuration.load(environment: environment).get().config
        let text = EffectiveConfiguration(config).yaml
        #expect(values(try Configuration.load(text).get().config) == values(config))
    }

    @Test func theDefaultsAreKumas() {
        let config = TproxyConfig()
        #expect(config.redirect.inbound.port.value.number == 15006)
        #expect(config.redirect.outbound.port.value.number == 15001)
        #expect(config.redirect.dns.port.value.number == 15053)
        #expect(config.redirect.inbound.enabled.value && config.redirect.outbound.enabled.value)
        #expect(!config.redirect.dns.enabled.value)
        #expect(config.retry.maxRetries.value == 4)
        #expect(config.retry.sleepBetweenRetries.value == .seconds(2))
        #expect(config.wait.value == 5)
        #expect(config.kumaDPUser.value == nil)
        #expect(config.ipFamilyMode.value == .dualstack)
        #expect(config.log.level.value == 7)
    }
}
