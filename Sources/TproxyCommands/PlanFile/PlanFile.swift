import Diagnostics
import HostFacts
import RuleIR
import TproxyConfig

/// A plan that can be reviewed, kept and applied later: docs/schemas/plan-file-1.json.
///
/// It holds all that `apply` needs, and what it was made from, so that `apply` can tell when that is
/// no longer so.
struct PlanFile: Codable {
    static let schema = "tproxy.plan-file/1"

    /// A value of the configuration and where it was from.
    struct Setting: Codable {
        var key: String
        var value: String
        var origin: String
    }

    /// How the rules are put into the kernel.
    struct Loading: Codable {
        /// How often to try again.
        var maxRetries: Int
        var sleepBetweenRetriesMilliseconds: Int64
        var waitSeconds: Int
        var waitIntervalMicroseconds: Int
        /// The user's iptables programs by name.
        var executables: [String: String]
    }

    /// What the facts were looked up with.
    struct FactsQuery: Codable {
        /// A number or the name of an account; nil for the one that Kuma would take.
        var proxyUser: String?
        var resolvConfigPath: String
        var cniMode: Bool
    }

    var schema: String
    /// Of the tproxy that wrote it.
    var version: String
    var backend: BackendName
    var settings: [Setting]
    var loading: Loading
    var factsQuery: FactsQuery
    var facts: HostFacts
    var ruleset: Ruleset
    /// What was said when the plan was made.
    var warnings: [String]
    /// The digest that the rules will have in the kernel.
    var rulesDigest: String
    var loaded: LoadedRecord

    init(
        _ plan: Plan, backend: BackendName, rulesDigest: String, loaded: LoadedRecord
    ) {
        let config = plan.config
        schema = Self.schema
        version = tproxyVersion
        self.backend = backend
        settings = EffectiveConfiguration(config).rows.map {
            Setting(key: $0.path, value: $0.value, origin: $0.origin.description)
        }
        let sleep = config.retry.sleepBetweenRetries.value
        loading = Loading(
            maxRetries: config.retry.maxRetries.value,
            sleepBetweenRetriesMilliseconds: Int64(sleep / .milliseconds(1)),
            waitSeconds: config.wait.value, waitIntervalMicroseconds: config.waitInterval.value,
            executables: Dictionary(
                uniqueKeysWithValues: config.iptablesExecutables.value.paths.map {
                    ($0.key.rawValue, $0.value)
                }))
        factsQuery = FactsQuery(
            proxyUser: config.kumaDPUser.value.map { "\($0)" },
            resolvConfigPath: config.redirect.dns.resolvConfigPath.value,
            cniMode: config.cniMode.value)
        facts = plan.facts
        ruleset = plan.ruleset
        warnings = plan.warnings.map(\.message)
        self.rulesDigest = rulesDigest
        self.loaded = loaded
    }

    /// What may load it, as the configuration said.
    var backends: BackendSelection {
        BackendSelection(
            retry: RetryPolicy(
                maxRetries: loading.maxRetries,
                sleepBetweenRetries: .milliseconds(loading.sleepBetweenRetriesMilliseconds),
                wait: .seconds(loading.waitSeconds),
                waitInterval: .microseconds(loading.waitIntervalMicroseconds)),
            paths: loading.executables)
    }
}

extension PlanFile.Loading {
    /// Whether the numbers are ones that anybody would configure: not negative, and no overflow.
    var isPossible: Bool {
        [
            Int64(maxRetries), sleepBetweenRetriesMilliseconds, Int64(waitSeconds),
            Int64(waitIntervalMicroseconds),
        ].allSatisfy { (0...Int64(UInt32.max)).contains($0) }
    }
}

extension PlanFile.FactsQuery {
    /// A configuration that looks the same facts up.
    var config: TproxyConfig {
        var config = TproxyConfig()
        config.kumaDPUser.value = proxyUser.map { ProxyUser($0) } ?? nil
        config.redirect.dns.resolvConfigPath.value = resolvConfigPath
        config.cniMode.value = cniMode
        return config
    }
}

extension BackendName: Codable {}
