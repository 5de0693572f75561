import Addressing
import Netlink
package import RuleIR

/// The preparation of open connections before rules are loaded.
package struct PreparedConnections: Hashable, Sendable {
    /// The reason why connections may be reset.
    package enum Problem: Hashable, Sendable {
        /// The sockets can't be listed.
        case unlisted(reason: String)
        /// The kernel refuses conntrack entries for `count` connections.
        case refused(count: Int, reason: String)
    }

    /// The number of connections with other hosts that conntrack tracks now, so that they continue.
    package var kept = 0
    package var problem: Problem?

    /// Nothing had to be prepared.
    package init() {}
}

extension OpenConnections {
    /// Runs `load`, which loads the first rules, and treats open connections as this value says.
    ///
    /// `load` receives the preparation. If it throws, the preparation is undone.
    package func during<Value, Failure: Error>(
        _ ruleset: Ruleset, _ load: (PreparedConnections) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        switch self {
        case .keep: try keeping(ruleset, load)
        }
    }

    /// Inserts a conntrack entry without translation for each open connection.
    ///
    /// The entries exist before any rule can match the connections' packets.
    private func keeping<Value, Failure: Error>(
        _ ruleset: Ruleset, _ load: (PreparedConnections) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard ruleset.redirectsTCP, Self.hasConnections(ruleset.families) else {
            return try load(PreparedConnections())
        }
        // From here on the kernel tracks new connections itself; the list that follows has the
        // older ones. On kernels that can't do this, connections that begin between the list and
        // the load may be lost.
        let hold = try? ConntrackHold()
        var prepared = PreparedConnections()
        var inserted: [ConntrackEntry] = []
        do throws(NetlinkError) {
            let entries = try Self.entries(ruleset.families)
            let insertion = Self.insert(entries)
            inserted = insertion.inserted
            prepared.kept = max(
                0, entries.count { !$0.destination.isLoopback } - insertion.refused)
            if let reason = insertion.reason {
                prepared.problem = .refused(
                    count: insertion.refused, reason: Self.words(reason))
            }
        } catch {
            prepared.problem = .unlisted(reason: error.reason)
        }
        let outcome: Value
        do throws(Failure) {
            outcome = try load(prepared)
        } catch {
            // While conntrack is held, a packet creates the entry of its connection again.
            _ = consume hold
            try? Conntrack.delete(inserted)
            throw error
        }
        _ = consume hold
        return outcome
    }

    /// Whether there is any connection; true if unknown.
    private static func hasConnections(_ families: [AddressFamily]) -> Bool {
        (try? entries(families))?.isEmpty != true
    }

    private static func entries(
        _ families: [AddressFamily]
    ) throws(NetlinkError) -> [ConntrackEntry] {
        let sockets = try InetSocket.allTCP(SocketsInUse.kinds)
        let listening = Set(sockets.filter { $0.state == .listening }.map(\.localPort))
        let entries = sockets.filter { families.contains($0.remote.family) }
            .compactMap { ConntrackEntry($0, listening: listening) }
        // If both ends are on this host, both sockets give the same entry.
        return Array(Set(entries))
    }

    private static func insert(_ entries: [ConntrackEntry]) -> Conntrack.Insertion {
        let established = establishedSeconds
        return Conntrack.insert(entries) { entry in
            switch entry.state {
            case .synSent, .synReceived: handshakeSeconds
            case .established: established
            }
        }
    }

    /// The kernel's timeout of an idle connection in seconds; its default if it can't be read.
    private static var establishedSeconds: UInt32 {
        let path = "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established"
        let text = (try? KernelFile.contents(of: path)) ?? ""
        return UInt32(text.filter(\.isNumber)) ?? 432_000
    }

    /// The kernel's default timeout after a SYN was answered, in seconds.
    private static let handshakeSeconds: UInt32 = 60

    private static func words(_ error: NetlinkError) -> String {
        error.isMissingSubsystem
            ? "the kernel has no nf_conntrack_netlink" : error.reason
    }
}
