import Diagnostics

/// One key of the configuration: everything else is made from the table of these.
///
/// Files, environment and flags are decoded, the reference and the JSON Schema written, and the
/// effective configuration shown, from `ConfigurationKey.all`.
package struct ConfigurationKey: Sendable {
    /// A value of the effective configuration.
    package struct Row: Hashable, Sendable {
        /// The key's path; with `[index]` for an item of a list.
        package var path: String
        package var value: String
        package var origin: Origin
    }

    /// What all environment variables begin with.
    package static let environmentPrefix = "KUMA_TRANSPARENT_PROXY_"

    /// Where it stands in a file, such as `redirect.inbound.port`.
    package let path: String
    let environmentSuffix: String
    /// `--redirect-inbound-port`; nil when Kuma has no flag for it.
    package let flag: String?
    /// What it does, its unit included.
    package let summary: String
    /// What may be written.
    package let format: String
    package let schema: SchemaFragment
    /// The default as it would be written.
    package var defaultText: String { makeDefaultText() }
    let makeDefaultText: @Sendable () -> String
    /// False for the chain names, which Kuma takes from the environment alone.
    package let isInFiles: Bool
    package let isList: Bool

    let decode: @Sendable (RawNode, inout TproxyConfig, inout [Diagnostic]) -> Void
    /// The values, with at most so many items of a list, behind which a row says how many more
    /// there are.
    let rows: @Sendable (TproxyConfig, Int) -> [Row]
    /// The value as YAML flow text that reads back the same.
    let yaml: @Sendable (TproxyConfig) -> String

    package var environmentVariable: String { Self.environmentPrefix + environmentSuffix }

    /// Every key, in the order of the documentation.
    package static let all: [ConfigurationKey] =
        generalKeys + inboundKeys + outboundKeys + dnsKeys + installationKeys + ebpfKeys

    package static func named(_ path: String) -> ConfigurationKey? {
        all.first { $0.path == path }
    }
}
