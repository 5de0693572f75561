/// What firewalld.conf(5) says of how direct rules are loaded and what comes of them.
///
/// Read as firewalld reads it: the first of several lines counts, and a value that it doesn't know is
/// the default.
package struct FirewalldSettings: Hashable, Sendable {
    /// Where firewalld's own rules go.
    ///
    /// Direct rules go through the iptables programs either way.
    package enum RuleBackend: String, Hashable, Sendable {
        /// Direct rules stand in the built-in chains.
        case nftables
        /// Direct rules stand in chains such as `OUTPUT_direct`, which the built-in ones jump to.
        case iptables
    }

    /// `FirewallBackend`.
    package private(set) var backend = RuleBackend.nftables
    /// `RFC3964_IPv4`: whether IPv6 packets to addresses that stand for IPv4 ones are rejected.
    ///
    /// `::1` is such an address in an OUTPUT chain, where a redirected packet still has its old way
    /// out.
    package private(set) var rejectsEmbeddedIPv4 = true
    /// `CleanupOnExit`: whether the rules go when firewalld ends.
    package private(set) var removesRulesOnExit = true

    /// The defaults, which hold where there is no file.
    package init() {}

    package init(text: String) {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline).map(Self.trimmed) {
            let parts = line.split(separator: "=", omittingEmptySubsequences: false)
            guard line.first != "#", line.first != ";", parts.count == 2 else { continue }
            let (key, value) = (Self.trimmed(parts[0]), Self.trimmed(parts[1]))
            if !value.isEmpty, values[key] == nil { values[key] = value.lowercased() }
        }
        if let chosen = values["FirewallBackend"].flatMap(RuleBackend.init) { backend = chosen }
        if let chosen = Self.flag(values["RFC3964_IPv4"]) { rejectsEmbeddedIPv4 = chosen }
        if let chosen = Self.flag(values["CleanupOnExit"]) { removesRulesOnExit = chosen }
    }

    private static func flag(_ word: String?) -> Bool? {
        switch word {
        case "yes", "true": true
        case "no", "false": false
        case _: nil
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
