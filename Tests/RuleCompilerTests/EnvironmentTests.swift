import HostFacts
import RuleIR
import Testing
import TproxyConfig
import TproxyTestSupport

/// A variable alone, without a file, changes the plan.
///
/// Kuma reads the environment only together with a file, and otherwise ignores it.
@Suite struct EnvironmentTests {
    private static let prefix = "KUMA_TRANSPARENT_PROXY_"
    private static let dns = ["REDIRECT_DNS_ENABLED": "true"]

    /// A variable that affects rules, and other variables that it needs for an effect.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var value: String
        var beside: [String: String]
        var testDescription: String { name }

        init(_ name: String, _ value: String, beside: [String: String] = [:]) {
            self.name = name
            self.value = value
            self.beside = beside
        }
    }

    private func ruleset(_ environment: [String: String]) throws -> Ruleset {
        let prefixed = Dictionary(
            uniqueKeysWithValues: environment.map { (Self.prefix + $0.key, $0.value) })
        let config = try Configuration.load(environment: prefixed).get().config
        return Configuration.compile(config).ruleset
    }

    private static let ofRules = [
        Case("KUMA_DP_USER", "1234"), Case("IP_FAMILY_MODE", "ipv4"),
        Case("REDIRECT_INBOUND_ENABLED", "false"), Case("REDIRECT_INBOUND_PORT", "1006"),
        Case("REDIRECT_INBOUND_INCLUDE_PORTS", "80"), Case("REDIRECT_INBOUND_EXCLUDE_PORTS", "80"),
        Case("REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_UIDS", "80:1"),
        Case("REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_IPS", "10.0.0.1"),
        Case("REDIRECT_INBOUND_INSERT_REDIRECT_INSTEAD_OF_APPEND", "true"),
        Case("REDIRECT_INBOUND_CHAIN_NAME", "A"), Case("REDIRECT_INBOUND_REDIRECT_CHAIN_NAME", "A"),
        Case("REDIRECT_OUTBOUND_ENABLED", "false"), Case("REDIRECT_OUTBOUND_PORT", "1001"),
        Case("REDIRECT_OUTBOUND_INCLUDE_PORTS", "80"),
        Case("REDIRECT_OUTBOUND_EXCLUDE_PORTS", "80"),
        Case("REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_UIDS", "80:1"),
        Case("REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_IPS", "10.0.0.1"),
        Case("REDIRECT_OUTBOUND_INSERT_REDIRECT_INSTEAD_OF_APPEND", "true"),
        Case("REDIRECT_OUTBOUND_CHAIN_NAME", "A"),
        Case("REDIRECT_OUTBOUND_REDIRECT_CHAIN_NAME", "A"),
        Case("REDIRECT_DNS_ENABLED", "true", beside: ["REDIRECT_DNS_CAPTURE_ALL": "true"]),
        Case("REDIRECT_DNS_CAPTURE_ALL", "true", beside: dns),
        Case(
            "REDIRECT_DNS_PORT", "1053",
            beside: ["REDIRECT_DNS_ENABLED": "true", "REDIRECT_DNS_CAPTURE_ALL": "true"]),
        Case(
            "REDIRECT_DNS_SKIP_CONNTRACK_ZONE_SPLIT", "true",
            beside: ["REDIRECT_DNS_ENABLED": "true", "REDIRECT_DNS_CAPTURE_ALL": "true"]),
        Case("REDIRECT_VNET_NETWORKS", "br0:10.0.0.0/8"), Case("LOG_ENABLED", "true"),
        Case("LOG_LEVEL", "3", beside: ["LOG_ENABLED": "true"]),
        Case("COMMENTS_DISABLED", "true"), Case("DROP_INVALID_PACKETS", "true"),
    ]

    /// Variables that decide how rules are applied, or which facts are read.
    private static let others: Set<String> = [
        "CNI_MODE", "DRY_RUN", "IPTABLES_EXECUTABLES", "REDIRECT_DNS_RESOLV_CONFIG_PATH",
        "RETRY_MAX_RETRIES", "RETRY_SLEEP_BETWEEN_RETRIES", "STORE_FIREWALLD", "VERBOSE", "WAIT",
        "WAIT_INTERVAL",
    ]

    @Test(arguments: ofRules)
    func variableWithoutAFileChangesTheRules(variable: Case) throws {
        var environment = variable.beside
        let before = try ruleset(environment)
        environment[variable.name] = variable.value
        #expect(try ruleset(environment) != before)
    }

    /// Every variable is in one of the lists; those of eBPF change no rule.
    @Test func everyVariableIsTried() {
        let all = ConfigurationKey.all.map {
            String($0.environmentVariable.dropFirst(Self.prefix.count))
        }
        #expect(
            Set(all.filter { !$0.hasPrefix("EBPF_") })
                == Self.others.union(Self.ofRules.map(\.name)))
    }
}
