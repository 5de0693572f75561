import Addressing
import LinuxHost
import Netlink
import Preflight

/// The TCP connections of this namespace's sockets, and whether conntrack tracks them.
struct TrackedConnections {
    private let entries: [(socket: InetSocket, entry: ConntrackEntry)]

    init(_ sockets: [InetSocket]) {
        let tcp = sockets.filter { $0.transport == .tcp }
        let listening = Set(tcp.filter { $0.state == .listening }.map(\.localPort))
        entries = tcp.compactMap { socket in
            ConntrackEntry(socket, listening: listening).map { (socket, $0) }
        }
    }

    /// Adds the connections and their tracking to the survey.
    ///
    /// If conntrack isn't loaded, the kernel isn't queried, because the query would load it.
    func note(in survey: inout PreflightSurvey) {
        let count = try? KernelFile.contents(of: "/proc/sys/net/netfilter/nf_conntrack_count")
        var isTracked: [Bool]?
        if let count {
            survey.isTracking = count.first != "0"
            isTracked = ask(&survey)
        }
        if !survey.isTracking { isTracked = entries.map { _ in false } }
        survey.connections = entries.enumerated().compactMap { index, connection in
            let socket = connection.socket
            return socket.remotePort.map {
                PreflightSurvey.Connection(
                    local: socket.local, localPort: socket.localPort, remote: socket.remote,
                    remotePort: $0, owner: socket.owner, isTracked: isTracked?[index])
            }
        }
    }

    private func ask(_ survey: inout PreflightSurvey) -> [Bool]? {
        guard !entries.isEmpty else { return nil }
        do throws(NetlinkError) {
            let isTracked = try Conntrack.isTracking(entries.map(\.entry))
            survey.takesEntries = true
            return isTracked
        } catch {
            if error.isMissingSubsystem { survey.takesEntries = false }
            return nil
        }
    }
}
