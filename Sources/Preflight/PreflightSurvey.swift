package import Addressing
package import RuleIR

/// What was seen on a host, as far as it can be in the way of the rules.
///
/// A plain value: the same survey and plan give the same findings on any machine. Its JSON form is in
/// what `tproxy preflight --output json` prints.
package struct PreflightSurvey: Hashable, Sendable, Codable {
    /// A socket that takes connections or, of UDP, packets from anybody.
    package struct Listener: Hashable, Sendable, Codable {
        package var transport: TransportProtocol
        /// `0.0.0.0` or `::` for all.
        package var address: IPAddress
        package var port: Port
        /// Whether `::` leaves IPv4 out.
        package var isIPv6Only: Bool
        /// The users of the processes that have it open; who made it, where those can't be seen.
        package var owners: [UserID]
        /// The name of a process that has it open; nil where none can be seen.
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

    /// A TCP connection that is open.
    package struct Connection: Hashable, Sendable, Codable {
        package var local: IPAddress
        package var localPort: Port
        package var remote: IPAddress
        package var remotePort: Port
        package var owner: UserID
        /// Whether conntrack has an entry for it; nil where that can't be told.
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

    /// A DNS query over UDP whose way conntrack remembers.
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
        /// The ports that it listens on.
        package var listens: [Port]
        /// Whether it has a TCP or UDP socket of this network namespace.
        package var hasSocket: Bool

        package init(id: Int, parent: Int, name: String, listens: [Port], hasSocket: Bool) {
            self.id = id
            self.parent = parent
            self.name = name
            self.listens = listens
            self.hasSocket = hasSocket
        }
    }

    /// Something that could not be looked at.
    package struct Unseen: Hashable, Sendable, Codable {
        package enum Subject: String, Hashable, Sendable, Codable {
            /// Chains of nf_tables.
            case chains
            /// Tables of iptables-legacy.
            case legacyTables
            /// Rules of a table that may drop packets.
            case filterRules
            case sockets
            /// What conntrack remembers.
            case trackedFlows
            /// Which process has which socket.
            case processes
            /// The addresses of this host's interfaces.
            case addresses
        }

        package var subject: Subject
        package var reason: String

        package init(_ subject: Subject, because reason: String) {
            self.subject = subject
            self.reason = reason
        }
    }

    /// Base chains on the hooks prerouting and output, and what they do by way of their jumps.
    package var chains: [LoadedChain] = []
    /// Who else has rules here, by the names of their chains.
    package var tenants: [TenantSign] = []
    /// Tables of others whose rules may drop packets.
    package var filters: [FilterTable] = []
    /// Ports of this host that rules of others send to containers.
    package var publications: [Port] = []
    package var listeners: [Listener] = []
    package var connections: [Connection] = []
    /// Whether conntrack has entries in this namespace: it is at work.
    package var isTracking = false
    /// Whether the kernel takes conntrack entries from programs; nil where that can't be told.
    package var takesEntries: Bool?
    package var dnsFlows: [DNSFlow] = []
    package var addresses: [Address] = []
    /// The families whose packets this host forwards.
    package var forwards: [AddressFamily] = []
    /// Whether the loopback interface has IPv6 switched off.
    package var isLoopbackIPv6Off = false
    package var proxyProcesses: [Process] = []
    /// The port of this host that the session which runs us came in by.
    package var sessionPort: Port?
    package var dockerResolver = DockerResolver()
    package var unseen: [Unseen] = []

    package init() {}
}
