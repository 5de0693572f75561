import Testing
import TproxyConfig
import TproxyTestSupport

/// The configuration that Kuma's Helm chart gives a pod is accepted unchanged.
@Suite struct KumaConfigMapTests {
    /// Kuma's defaults in Kubernetes.
    private var expected: [String] {
        let defaults = EffectiveConfiguration(TproxyConfig()).rows
        let different = [
            "kumaDPUser": "5678", "redirect.dns.enabled": "true", "redirect.dns.captureAll": "true",
        ]
        return defaults.map { "\($0.path) = \(different[$0.path] ?? $0.value)" }
    }

    @Test(arguments: KumaConfigMap.all, ["\"\"", "''", "", "null", "~"])
    func kumasConfigMapIsAccepted(map: KumaConfigMap, empty: String) throws {
        let loaded = try Configuration.load(map.text(empty: empty)).get()
        #expect(loaded.diagnostics.isEmpty)
        let rows = EffectiveConfiguration(loaded.config).rows
        #expect(rows.map { "\($0.path) = \($0.value)" } == expected)
    }

    @Test(arguments: [
        "iptablesExecutables:\n", "iptablesExecutables: ''\n", "iptablesExecutables: {}\n",
        "iptablesExecutables: {iptables: }\n", "kumaDPUser:\n", "ipFamilyMode:\n",
        "ebpf: {instanceIP: , tcAttachIface: , instanceIPEnvVarName: }\n", "ebpf:\nlog:\n",
    ])
    func anEmptyKeyIsUnset(text: String) throws {
        let loaded = try Configuration.load(text).get()
        #expect(loaded.diagnostics.isEmpty)
        let rows = EffectiveConfiguration(loaded.config).rows.map { "\($0.path) = \($0.value)" }
        #expect(
            rows == EffectiveConfiguration(TproxyConfig()).rows.map { "\($0.path) = \($0.value)" })
    }

    /// A key without a value is an error where the empty value isn't allowed.
    @Test(arguments: [
        "wait:\n", "redirect: {inbound: {port: }}\n", "redirect: {inbound: {excludePorts: }}\n",
    ])
    func aKeyThatNeedsAValueHasOne(text: String) {
        #expect(Configuration.problems(text).map(\.id) == ["wrong-type"])
    }

    /// As Kuma documents its flag: one program in a file, another in the environment, a third by
    /// flag.
    @Test func executablesOfAllSourcesAreMerged() throws {
        let loaded = try Configuration.load(
            "iptablesExecutables: {iptables: /a, ip6tables: /six}",
            environment: [
                "KUMA_TRANSPARENT_PROXY_IPTABLES_EXECUTABLES": "iptables-save:/b,ip6tables:"
            ],
            flags: [
                FlagValue(
                    name: "--iptables-executables",
                    values: ["iptables-restore:/x", "iptables-restore:/c"])
            ]
        ).get()
        #expect(loaded.diagnostics.isEmpty)
        #expect(
            loaded.config.iptablesExecutables.value.description
                == "iptables:/a,iptables-save:/b,iptables-restore:/c")
        let incomplete = Configuration.problems("iptablesExecutables: {iptables: /a}")
        #expect(incomplete.map(\.id) == ["incomplete-executables"])
    }
}
