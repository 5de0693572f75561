/// What firewalld.conf(5) says that matters to captured traffic.
///
/// Read as firewalld reads it: the first of several lines counts, and a value that it doesn't know is
/// the default.
package struct FirewalldSettings: Hashable, Sendable {
    /// `RFC3964_IPv4`: whether IPv6 packets to addresses that stand for IPv4 ones are rejected.
    ///
    /// `::1` is such an address in an OUTPUT chain, where a redirected packet still has its old way
    /// out.
    package private(set) var rejectsEmbeddedIPv4 = true

    /// The defaults, which hold where there is no file.
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
