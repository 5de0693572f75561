import Addressing
import Glibc
import LinuxHost
import Preflight

/// The DNS queries that conntrack tracks.
enum TrackedFlows {
    private static let path = "/proc/thread-self/net/nf_conntrack"

    /// Returns the queries; empty if conntrack isn't loaded.
    ///
    /// Throws if this process may not read them.
    static func dns() throws(ReadFailure) -> [PreflightSurvey.DNSFlow] {
        guard unsafe access(path, F_OK) == 0 else { return [] }
        return flows(in: try KernelFile.contents(of: path, upTo: 256 << 20))
    }

    /// Reads lines such as `ipv4 2 udp 17 29 src=192.0.2.1 dst=192.0.2.2 sport=54318 dport=53`.
    ///
    /// The line continues with `[UNREPLIED] src=…`. The first field of each name belongs to the
    /// query, the second to the reply.
    static func flows(in table: String) -> [PreflightSurvey.DNSFlow] {
        table.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 3, words[2] == "udp" else { return nil }
            func first(_ name: String) -> String? {
                words.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
            }
            guard first("dport=") == "53", let source = first("src=").flatMap({ IPAddress($0) }),
                let server = first("dst=").flatMap({ IPAddress($0) })
            else { return nil }
            return PreflightSurvey.DNSFlow(source: source, server: server)
        }
    }
}
