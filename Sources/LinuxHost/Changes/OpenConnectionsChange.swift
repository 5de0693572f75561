import Addressing
package import RuleIR
import Netlink

/// What was done for open connections before rules are loaded.
package struct PreparedConnections: Hashable, Sendable {
    /// Why connections may be reset.
    package enum Problem: Hashable, Sendable {
        /// The sockets can't be listed.
        case unlisted(reason: String)
        /// The kernel makes no conntrack entry for these.
        case refused(count: Int, reason: String)
    }

    /// How many connections with other hosts conntrack knows now, and so go on.
    package var kept = 0
    package var problem: Problem?

    /// Nothing was to be done.
    package init() {}
}

extension OpenConnections {
    /// Runs `load`, which loads `ruleset` where no rules of ours are, so that open connections fare as
    /// this value says.
    ///
    /// `load` gets what was done before it. If it throws, that is undone.
    package func during<Value, Failure: Error>(
        _ ruleset: Ruleset, _ load: (PreparedConnections) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        switch self {
        case .keep: try keeping(ruleset, load)
        }
    }

    /// Makes a conntrack entry for each open connection, with no translation, before any rule could
    /// decide on its packets.
    private func keeping<Value, Failure: Error>(
        _ ruleset: Ruleset, _ load: (PreparedConnections) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard ruleset.redirectsTCP, Self.hasConnections(ruleset.families) else {
            return try load(PreparedConnections())
        }
        // From here on the kernel itself takes note of connections that begin. Those that began before
        // are in the list that is made next. Kernels that can't do this go without it: what begins
        // between the list and the rules may be lost.
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
            try? Conntrack.delete(inserted)
            throw error
        }
        _ = consume hold
        return outcome
    }

    /// Whether there is a connection at all; true where that can't be told.
    private static func hasConnections(_ families: [AddressFamily]) -> Bool {
        (try? entries(families))?.isEmpty != true
    }

    private static func entries(
        _ families: [AddressFamily]
    ) throws(NetlinkError) -> [ConntrackEntry] {
        let sockets = try InetSocket.allTCP()
        let listening = Set(sockets.filter { $0.state == .listening }.map(\.localPort))
        let entries = sockets.filter { families.contains($0.remote.family) }
            .compactMap { ConntrackEntry($0, listening: listening) }
        // Where both ends are here, both sockets give the same.
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

    /// What the kernel gives a connection that says nothing; its own default where it doesn't tell.
    private static var establishedSeconds: UInt32 {
        let path = "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established"
        let text = (try? KernelFile.contents(of: path)) ?? ""
        return UInt32(text.filter(\.isNumber)) ?? 432_000
    }

    /// The kernel's default for a SYN that was answered.
    private static let handshakeSeconds: UInt32 = 60

    private static func words(_ error: NetlinkError) -> String {
        error.isMissingSubsystem
            ? "the kernel has no nf_conntrack_netlink" : error.reason
    }
}
