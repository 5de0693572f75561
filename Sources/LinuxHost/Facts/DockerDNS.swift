/// Docker's embedded DNS server, as far as it is visible without privilege.
///
/// Docker adds its resolver 127.0.0.11 and the chain `DOCKER_OUTPUT` to a container's namespace
/// together. The chain can't be listed without CAP_NET_ADMIN, and running iptables would load
/// kernel modules. Every user can see the resolver's socket in `/proc/net/udp`.
package enum DockerDNS: Hashable {
    case present
    case absent

    /// 127.0.0.11 in the form of `/proc/net/udp`: the bytes as a number in host order.
    private static let address: String = {
        let number = UInt32(bigEndian: 0x7F00_000B)
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }()

    private static let path = "/proc/thread-self/net/udp"

    static func look() throws(HostFactsError) -> Self {
        do throws(ReadFailure) {
            return inspect(try KernelFile.contents(of: path))
        } catch {
            throw .unreadable(.sockets(path: path), reason: error.reason)
        }
    }

    package static func inspect(_ table: String) -> Self {
        let isListening = table.split(separator: "\n").dropFirst().contains { line in
            line.split(separator: " ").dropFirst().first?.hasPrefix(address + ":") ?? false
        }
        return isListening ? .present : .absent
    }
}
