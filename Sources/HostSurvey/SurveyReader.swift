package import Addressing
import Glibc
import LinuxHost
import IptablesBackend
import Netlink
import NftablesBackend
package import Preflight
import RuleIR

/// Reads everything on this host that may conflict with the rules.
///
/// It changes nothing and creates no table. The survey lists sources that it may not read as
/// unseen.
package struct SurveyReader: Sendable {
    private let proxyUser: UserID
    private let loopback: InterfaceName
    /// The user's iptables programs by name.
    private let paths: [String: String]
    /// Whether tracked DNS queries matter; the conntrack table can be long.
    private let readsDNSFlows: Bool
    /// The resolv.conf(5) of the redirected processes.
    private let resolvConfigPath: String?

    /// The reader of what eBPF programs need; nil for other rules.
    private let programs: ProgramReader?

    package init(
        proxyUser: UserID, loopback: InterfaceName, paths: [String: String] = [:],
        readsDNSFlows: Bool = true, resolvConfigPath: String? = nil,
        programs: ProgramReader? = nil
    ) {
        self.programs = programs
        self.proxyUser = proxyUser
        self.loopback = loopback
        self.paths = paths
        self.readsDNSFlows = readsDNSFlows
        self.resolvConfigPath = resolvConfigPath
    }

    package func read() -> PreflightSurvey {
        var survey = PreflightSurvey()
        readChains(into: &survey)
        readSockets(into: &survey)
        do throws(ReadFailure) {
            if readsDNSFlows { survey.dnsFlows = try TrackedFlows.dns() }
        } catch {
            survey.unseen.append(.init(.trackedFlows, because: error.reason))
        }
        readAddresses(into: &survey)
        if Self.switchIsOn("net/ipv4/ip_forward") { survey.forwards.append(.ipv4) }
        if Self.switchIsOn("net/ipv6/conf/all/forwarding") { survey.forwards.append(.ipv6) }
        survey.isLoopbackIPv6Off = Self.switchIsOn("net/ipv6/conf/\(loopback)/disable_ipv6")
        survey.sessionPort = Self.sessionPort
        programs?.read(into: &survey)
        return survey
    }

    private func readAddresses(into survey: inout PreflightSurvey) {
        let table: InterfaceTable
        do throws(HostFactsError) {
            table = try InterfaceTable()
        } catch {
            var reason = "it can't be read"
            if case .unreadable(_, let why) = error { reason = why }
            survey.unseen.append(.init(.addresses, because: reason))
            return
        }
        survey.addresses = table.addresses.compactMap { address in
            InterfaceName(address.interface).map {
                PreflightSurvey.Address(
                    $0, address.address, prefixLength: address.network.length,
                    isLoopback: address.isLoopback)
            }
        }
    }

    private func readChains(into survey: inout PreflightSurvey) {
        var chains: [LoadedChain] = []
        do throws(BackendError) {
            chains = try BaseChainSurvey.chains()
        } catch {
            survey.unseen.append(.init(.chains, because: error.reason))
        }
        do throws(LegacyChains.Unreadable) {
            chains += try LegacyChains.chains(paths: paths)
        } catch {
            survey.unseen.append(.init(.legacyTables, because: error.reason))
        }
        let reading = ChainReading(chains)
        survey.chains = reading.chains
        survey.knownPrograms = reading.knownPrograms
        survey.dockerResolver.chains = reading.dockerChains
        if let path = resolvConfigPath, let text = try? KernelFile.contents(of: path) {
            survey.dockerResolver.forwardsFromHost = DockerResolver.forwardsFromHost(text)
        }
        let filters = FilterReader(chains, paths: paths)
        survey.filters = filters.tables
        survey.publications = filters.publications
        survey.unseen += filters.unseen
    }

    /// Root, too, may lack the capability for processes of other namespaces.
    private static var reasonForHiddenProcesses: String {
        geteuid() == 0
            ? "root may not read a process here, as in a container or another PID namespace"
            : "it needs root"
    }

    private func readSockets(into survey: inout PreflightSurvey) {
        let sockets: [InetSocket]
        do throws(NetlinkError) {
            sockets = try InetSocket.all(SocketsInUse.kinds)
        } catch {
            survey.unseen.append(.init(.sockets, because: error.reason))
            return
        }
        TrackedConnections(sockets).note(in: &survey)
        let listening = sockets.filter { $0.state == .listening }
        // Only listeners have owners that matter, and only a listener shows which process is the
        // proxy.
        guard !listening.isEmpty else { return }
        let table = ProcessTable()
        survey.listeners = listening.map { socket in
            let holders = table.holders(of: socket.inode)
            let users = Set(holders.map(\.user)).sorted()
            return PreflightSurvey.Listener(
                socket.transport, socket.local, socket.localPort, isIPv6Only: socket.isIPv6Only,
                owners: users.isEmpty ? [socket.owner] : users, program: holders.first?.name)
        }
        // Hidden files matter only if a socket of this namespace has no visible holder.
        if table.isPartial, survey.listeners.contains(where: { $0.program == nil }) {
            survey.unseen.append(.init(.processes, because: Self.reasonForHiddenProcesses))
        }
        let byInode = Dictionary(sockets.map { ($0.inode, $0) }) { first, _ in first }
        survey.proxyProcesses = table.processes.filter { $0.user == proxyUser }.map { process in
            let own = process.sockets.compactMap { byInode[$0] }
            return PreflightSurvey.Process(
                id: process.id, parent: process.parent, name: process.name,
                listens: own.filter { $0.state == .listening }.map(\.localPort).sorted(),
                hasSocket: !own.isEmpty)
        }
    }

    /// Returns whether the sysctl(8) switch of this network namespace is on.
    private static func switchIsOn(_ name: String) -> Bool {
        (try? KernelFile.contents(of: "/proc/sys/\(name)"))?.first == "1"
    }

    /// The server's port from `SSH_CONNECTION`: client address and port, server address and port.
    ///
    /// See ssh(1).
    private static var sessionPort: Port? {
        guard let text = unsafe getenv("SSH_CONNECTION") else { return nil }
        return unsafe String(cString: text).split(separator: " ").last.flatMap { Port($0) }
    }
}
