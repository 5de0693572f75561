import Addressing
package import Netlink

/// The kinds of sockets that the calling thread's network namespace has.
///
/// To list the TCP sockets of one namespace, sock_diag(7) walks those of all, which takes a
/// millisecond even if there are none. The kernel counts them in sockstat of proc_pid_net(5).
package enum SocketsInUse {
    /// All kinds if the counts can't be read.
    package static var kinds: [InetSocket.Kind] {
        let folder = "/proc/thread-self/net"
        guard let counts = try? KernelFile.contents(of: "\(folder)/sockstat") else {
            return InetSocket.Kind.all
        }
        do throws(ReadFailure) {
            return kinds(in: counts + (try KernelFile.contents(of: "\(folder)/sockstat6")))
        } catch {
            return InetSocket.Kind.all
        }
    }

    /// Reads lines such as `TCP: inuse 2 orphan 0 tw 0 alloc 3 mem 1` and `TCP6: inuse 0`.
    ///
    /// The kernel counts bound, listening and connected sockets. Half-open connections aren't
    /// counted, but their listener is.
    static func kinds(in counts: String) -> [InetSocket.Kind] {
        let lines = counts.split(separator: "\n").map { $0.split(separator: " ") }
        return InetSocket.Kind.all.filter { kind in
            let name = kind.transport.rawValue.uppercased() + (kind.family == .ipv4 ? ":" : "6:")
            let line = lines.first { $0.first == name[...] } ?? []
            // An unknown form counts as sockets.
            return line.count < 3 || line[1] != "inuse" || line[2] != "0"
        }
    }
}
