import Diagnostics

/// A key of the configuration, with everything that reads, writes and documents it.
///
/// `ConfigurationKey.all` drives the decoding of files, environment and flags, the reference, the
/// JSON Schema and the effective configuration.
package struct ConfigurationKey: Sendable {
    /// A value of the effective configuration.
    package struct Row: Hashable, Sendable {
        /// The path of the key, with `[index]` for an item of a list.
        package var path: String
        package var value: String
        package var origin: Origin
    }

    /// The prefix of all environment variables.
    package static let environmentPrefix = "KUMA_TRANSPARENT_PROXY_"

    /// The path of the key in a file, such as `redirect.inbound.port`.
    package let path: String
    let environmentSuffix: String
    /// The flag, such as `--redirect-inbound-port`; nil if Kuma has none for the key.
    package let flag: String?
    /// A description of the key, including the unit.
    package let summary: String
    /// A description of the values that are allowed.
    package let format: String
    package let schema: SchemaFragment
    /// The default, as a user would write it.
    package var defaultText: String { makeDefaultText() }
    let makeDefaultText: @Sendable () -> String
    /// Whether files may set the key; false for the chain names, which Kuma reads from the
    /// environment only.
    package let isInFiles: Bool
    package let isList: Bool

    let decode: @Sendable (RawNode, inout TproxyConfig, inout [Diagnostic]) -> Void
    /// Returns the values, with at most the given number of items of a list.
    ///
    /// A longer list ends with a row that counts the items left out.
    let rows: @Sendable (TproxyConfig, Int) -> [Row]
    /// Returns the value as YAML flow text that reads back as the same value.
    let yaml: @Sendable (TproxyConfig) -> String

    package var environmentVariable: String { Self.environmentPrefix + environmentSuffix }

    /// All keys, in the order of the documentation.
    package static let all: [ConfigurationKey] =
        generalKeys + inboundKeys + outboundKeys + dnsKeys + installationKeys + ebpfKeys

    package static func named(_ path: String) -> ConfigurationKey? {
        all.first { $0.path == path }
    }
}
