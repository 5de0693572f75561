package import Addressing
package import RuleIR

/// The state of a host, as far as it may conflict with the rules.
///
/// A plain value: the same survey and plan give the same findings on any machine. Its JSON form is
/// part of the output of `tproxy preflight --output json`.
package struct PreflightSurvey: Hashable, Sendable, Codable {
    /// A socket that accepts connections or, for UDP, receives packets from any sender.
    package struct Listener: Hashable, Sendable, Codable {
        package var transport: TransportProtocol
        /// The address; `0.0.0.0` or `::` for all.
        package var address: IPAddress
        package var port: Port
        /// Whether `::` excludes IPv4.
        package var isIPv6Only: Bool
        /// The UIDs of the processes that have the socket open; if they aren't visible, its
        /// creator's.
        package var owners: [UserID]
        /// The name of a process that has the socket open; nil if none is visible.
        package var program: String?

        package init(
            _ transport: TransportProtocol, _ address: IPAddress, _ port: Port,
            isIPv6Only: Bool = false, owners: [UserID], program: String? = nil
        ) {
            self.transport = transport
            self.address = address
            self.port = port
            self.isIPv6Only = isIPv6Only
            self.owners = owners
            self.program = program
        }
    }

    /// An open TCP connection.
    package struct Connection: Hashable, Sendable, Codable {
        package var local: IPAddress
        package var localPort: Port
        package var remote: IPAddress
        package var remotePort: Port
        package var owner: UserID
        /// Whether conntrack has an entry for the connection; nil if unknown.
        package var isTracked: Bool?

        package init(
            local: IPAddress, localPort: Port, remote: IPAddress, remotePort: Port, owner: UserID,
            isTracked: Bool? = nil
        ) {
            self.local = local
            self.localPort = localPort
            self.remote = remote
            self.remotePort = remotePort
            self.owner = owner
            self.isTracked = isTracked
        }
    }

    /// A DNS flow over UDP with a conntrack entry.
    package struct DNSFlow: Hashable, Sendable, Codable {
        package var source: IPAddress
        package var server: IPAddress

        package init(source: IPAddress, server: IPAddress) {
            self.source = source
            self.server = server
        }
    }

    /// An address of an interface.
    package struct Address: Hashable, Sendable, Codable {
        package var interface: InterfaceName
        package var isLoopback: Bool
        package var address: IPAddress
        package var prefixLength: Int

        package init(
            _ interface: InterfaceName, _ address: IPAddress, prefixLength: Int,
            isLoopback: Bool = false
        ) {
            self.interface = interface
            self.isLoopback = isLoopback
            self.address = address
            self.prefixLength = prefixLength
        }
    }

    /// A process of the proxy's user.
    package struct Process: Hashable, Sendable, Codable {
        package var id: Int
        package var parent: Int
        package var name: String
        /// The ports on which the process listens.
        package var listens: [Port]
        /// Whether the process has a TCP or UDP socket in this network namespace.
        package var hasSocket: Bool

        package init(id: Int, parent: Int, name: String, listens: [Port], hasSocket: Bool) {
            self.id = id
            self.parent = parent
            self.name = name
            self.listens = listens
            self.hasSocket = hasSocket
        }
    }

    /// A subject that couldn't be read.
    package struct Unseen: Hashable, Sendable, Codable {
        package enum Subject: String, Hashable, Sendable, Codable {
            /// The chains of nf_tables.
            case chains
            /// The tables of iptables-legacy.
            case legacyTables
            /// The rules of a table that may drop packets.
            case filterRules
            case sockets
            /// The conntrack entries.
            case trackedFlows
            /// The owners of sockets.
            case processes
            /// The addresses of the host's interfaces.
            case addresses
            /// The features that eBPF programs need.
            case features
            /// The eBPF programs of others.
            case programs
        }

        package var subject: Subject
        package var reason: String

        package init(_ subject: Subject, because reason: String) {
            self.subject = subject
            self.reason = reason
        }
    }

    /// The base chains at the hooks prerouting and output, with the effects of their jumps.
    package var chains: [LoadedChain] = []
    /// The other programs with rules on this host, by the names of their chains.
    package var knownPrograms: [ProgramSign] = []
    /// Foreign tables whose rules may drop packets.
    package var filters: [FilterTable] = []
    /// Ports of this host that foreign rules translate to containers.
    package var publications: [Port] = []
    package var listeners: [Listener] = []
    package var connections: [Connection] = []
    /// Whether conntrack has entries in this namespace, so that it is active.
    package var isTracking = false
    /// Whether the kernel accepts conntrack entries from programs; nil if unknown.
    package var takesEntries: Bool?
    package var dnsFlows: [DNSFlow] = []
    package var addresses: [Address] = []
    /// The families whose packets this host forwards.
    package var forwards: [AddressFamily] = []
    /// Whether IPv6 is disabled on the loopback interface.
    package var isLoopbackIPv6Off = false
    /// The processes of the proxy's user; empty if no socket listens.
    package var proxyProcesses: [Process] = []
    /// The port of this host through which the current session is connected.
    package var sessionPort: Port?
    package var dockerResolver = DockerResolver()
    /// What eBPF programs need; nil for rules that are none.
    package var programs: ProgramSurvey?
    package var unseen: [Unseen] = []

    package init() {}
}
