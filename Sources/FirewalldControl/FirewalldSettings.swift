/// The settings in firewalld.conf(5) that affect redirected traffic.
///
/// Values are read as by firewalld: the first of several lines counts, and an unknown value is the
/// default.
package struct FirewalldSettings: Hashable, Sendable {
    /// `RFC3964_IPv4`: whether firewalld rejects IPv6 packets to addresses that embed IPv4 ones.
    ///
    /// In an OUTPUT chain that includes `::1`, where a redirected packet still has its original
    /// outgoing interface.
    package private(set) var rejectsEmbeddedIPv4 = true

    /// Creates the defaults, which apply without a file.
    package init() {}

    package init(text: String) {
        for line in text.split(whereSeparator: \.isNewline).map(Self.trimmed) {
            let parts = line.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, Self.trimmed(parts[0]) == "RFC3964_IPv4" else { continue }
            let value = Self.trimmed(parts[1]).lowercased()
            guard !value.isEmpty else { continue }
            rejectsEmbeddedIPv4 = value != "no" && value != "false"
            return
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
