package import Addressing
package import RuleIR

/// A conflict between the rules and the host, in either direction.
package enum Finding: Hashable, Sendable {
    /// A foreign nat chain runs before all of ours.
    case natChainBefore(LoadedChain)
    /// A foreign nat chain has the priority of one of ours.
    case natChainEqual(LoadedChain)
    /// A foreign nat chain runs after our inserted rules and before the redirect.
    case natChainBetween(LoadedChain)
    /// Docker's nat rules run before the redirect.
    case dockerFirst(LoadedChain)
    /// Our iptables rules jump to Docker's chain, which is in the tables of `found` instead of
    /// theirs.
    case dockerFlavour(wanted: LoadedChain.Engine, found: LoadedChain.Engine?)
    /// kube-proxy's nat rules run before the redirect.
    case kubeProxyFirst(LoadedChain)
    /// Both flavours of iptables have nat rules.
    case legacyAndNft(legacy: LoadedChain, nft: LoadedChain)
    case otherMesh(KnownProgram, ProgramSign)
    case kumactlRules(ProgramSign)
    case otherInstance(ProgramSign)
    /// firewalld rejects packets to ::/96, and so packets redirected to ::1.
    case firewalldRejectsIPv6(LoadedChain)
    /// firewalld accepts redirected packets, whatever their original port.
    case firewalldBypassed(Port)
    /// A foreign filter chain drops redirected packets.
    case firewallDrops(FirewallObstacle)
    /// It is unknown whether a foreign filter chain accepts redirected packets.
    case firewallUnclear(FirewallObstacle)
    /// No program listens on these ports.
    case noListener([ProxyPort])
    case listenerFamily(ProxyPort, missing: AddressFamily)
    /// No program listens on `needed`, one of the addresses to which the kernel redirects.
    case listenerAddress(ProxyPort, bound: [IPAddress], needed: IPAddress)
    case listenerOwner([ProxyPort], owner: UserID, proxyUser: UserID)
    case sshRedirected(Port)
    /// Packets from containers behind a bridge are redirected as if they came from outside.
    case containersRedirected(InterfaceName, IPPrefix, inbound: Port)
    /// Connections to published ports, or between containers, go to the inbound listener.
    case virtualNetworkInbound(ports: [Port], networks: [IPPrefix], inbound: Port)
    /// Queries of the host's own resolver return to the proxy.
    case resolverLoop(resolver: IPAddress, owner: UserID)
    /// Queries that Docker's resolver forwards return to the proxy.
    case dockerResolverLoop(owner: UserID, redirectsAll: Bool)
    case ipv6NotCovered(InterfaceName, IPAddress)
    case loopbackIPv6Off(InterfaceName)
    case rootProxyUser
    case sharedProxyUser(PreflightSurvey.Process, UserID)
    /// Open connections that would be redirected if they were new, and that continue unchanged.
    ///
    /// `sessions` of them are SSH's.
    case openConnections(Int, sessions: Int)
    /// Open connections that the rules would break, so that they are reset.
    case connectionsBreak(Int)
    case sessionsBreak(Port, Int)
    /// Forwarded connections through an interface, which no socket of this host shows.
    case forwardedConnections(InterfaceName)
    /// DNS flows with conntrack entries that aren't redirected.
    case openDNSFlows(Int)
    /// Open connections that would be redirected by programs if they were new.
    case openSockets(Int, sessions: Int)
    /// The kernel is older than eBPF programs need.
    case oldKernel(String)
    /// The kernel refuses a feature that eBPF programs need.
    case missingFeature(ProgramSurvey.Feature)
    /// libbpf can't be opened.
    case missingLibrary
    case unusableCgroup(String, remedy: String)
    case unusableBPFFileSystem(String, remedy: String)
    case missingCapabilities([String])
    /// The kernel is locked down in this mode.
    case lockdown(String)
    /// The process is in a user namespace that has another UID outside for the proxy's user.
    case userNamespace(UserID, UserID?)
    /// Cilium's socket load balancer runs on the same hooks.
    case ciliumSockets([ProgramSurvey.Program])
    /// Programs of others run on the same hooks.
    case foreignPrograms([ProgramSurvey.Program])

    /// The kind of a finding; the raw value is a stable name that scripts may rely on.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case natChainBefore = "nat-chain-before"
        case natChainEqual = "nat-chain-equal"
        case natChainBetween = "nat-chain-between"
        case dockerFirst = "docker-first"
        case dockerFlavour = "docker-flavour"
        case kubeProxyFirst = "kube-proxy-first"
        case legacyAndNft = "legacy-and-nft"
        case otherMesh = "other-mesh"
        case kumactlRules = "kumactl-rules"
        case otherInstance = "other-instance"
        case firewalldRejectsIPv6 = "firewalld-rejects-ipv6"
        case firewalldBypassed = "firewalld-bypassed"
        case firewallDrops = "firewall-drops"
        case firewallUnclear = "firewall-unclear"
        case noListener = "no-listener"
        case listenerFamily = "listener-family"
        case listenerAddress = "listener-address"
        case listenerOwner = "listener-owner"
        case sshRedirected = "ssh-redirected"
        case containersRedirected = "containers-redirected"
        case virtualNetworkInbound = "vnet-inbound"
        case resolverLoop = "resolver-loop"
        case ipv6NotCovered = "ipv6-not-covered"
        case loopbackIPv6Off = "loopback-ipv6-off"
        case rootProxyUser = "root-proxy-user"
        case sharedProxyUser = "shared-proxy-user"
        case openConnections = "open-connections"
        case connectionsBreak = "connections-break"
        case sessionsBreak = "ssh-sessions-break"
        case forwardedConnections = "forwarded-connections"
        case openDNSFlows = "open-dns-flows"
        case oldKernel = "ebpf-old-kernel"
        case missingFeature = "ebpf-missing-feature"
        case missingLibrary = "ebpf-missing-library"
        case unusableCgroup = "ebpf-cgroup"
        case unusableBPFFileSystem = "ebpf-bpffs"
        case missingCapabilities = "ebpf-capabilities"
        case lockdown = "ebpf-lockdown"
        case userNamespace = "ebpf-user-namespace"
        case ciliumSockets = "ebpf-cilium"
        case foreignPrograms = "ebpf-other-programs"

        package var severity: Severity {
            switch self {
            case .natChainBefore, .natChainEqual, .dockerFlavour, .kubeProxyFirst, .legacyAndNft,
                .otherMesh, .kumactlRules, .otherInstance, .firewalldRejectsIPv6,
                .firewalldBypassed, .firewallDrops, .listenerFamily, .listenerAddress,
                .listenerOwner, .sshRedirected, .containersRedirected, .virtualNetworkInbound,
                .resolverLoop, .loopbackIPv6Off, .rootProxyUser, .sharedProxyUser,
                .connectionsBreak, .sessionsBreak, .oldKernel, .missingFeature, .missingLibrary,
                .unusableCgroup, .unusableBPFFileSystem, .userNamespace, .ciliumSockets:
                .warning
            case .natChainBetween, .dockerFirst, .firewallUnclear, .noListener, .ipv6NotCovered,
                .openConnections, .forwardedConnections, .openDNSFlows, .missingCapabilities,
                .lockdown, .foreignPrograms:
                .note
            }
        }
    }

    package enum Severity: String, Hashable, Sendable, Codable {
        /// Traffic is lost, bypasses the proxy, or ends at the wrong place.
        case warning
        /// The effect may be intended, or is temporary.
        case note
    }

    package var kind: Kind {
        switch self {
        case .natChainBefore: .natChainBefore
        case .natChainEqual: .natChainEqual
        case .natChainBetween: .natChainBetween
        case .dockerFirst: .dockerFirst
        case .dockerFlavour: .dockerFlavour
        case .kubeProxyFirst: .kubeProxyFirst
        case .legacyAndNft: .legacyAndNft
        case .otherMesh: .otherMesh
        case .kumactlRules: .kumactlRules
        case .otherInstance: .otherInstance
        case .firewalldRejectsIPv6: .firewalldRejectsIPv6
        case .firewalldBypassed: .firewalldBypassed
        case .firewallDrops: .firewallDrops
        case .firewallUnclear: .firewallUnclear
        case .noListener: .noListener
        case .listenerFamily: .listenerFamily
        case .listenerAddress: .listenerAddress
        case .listenerOwner: .listenerOwner
        case .sshRedirected: .sshRedirected
        case .containersRedirected: .containersRedirected
        case .virtualNetworkInbound: .virtualNetworkInbound
        case .resolverLoop, .dockerResolverLoop: .resolverLoop
        case .ipv6NotCovered: .ipv6NotCovered
        case .loopbackIPv6Off: .loopbackIPv6Off
        case .rootProxyUser: .rootProxyUser
        case .sharedProxyUser: .sharedProxyUser
        case .openConnections: .openConnections
        case .connectionsBreak: .connectionsBreak
        case .sessionsBreak: .sessionsBreak
        case .forwardedConnections: .forwardedConnections
        case .openDNSFlows: .openDNSFlows
        case .openSockets: .openConnections
        case .oldKernel: .oldKernel
        case .missingFeature: .missingFeature
        case .missingLibrary: .missingLibrary
        case .unusableCgroup: .unusableCgroup
        case .unusableBPFFileSystem: .unusableBPFFileSystem
        case .missingCapabilities: .missingCapabilities
        case .lockdown: .lockdown
        case .userNamespace: .userNamespace
        case .ciliumSockets: .ciliumSockets
        case .foreignPrograms: .foreignPrograms
        }
    }
}

/// A port of the proxy to which rules redirect.
package struct ProxyPort: Hashable, Sendable {
    package enum Role: String, Hashable, Sendable {
        case inbound
        case outbound
        case dns
    }

    package var role: Role
    package var port: Port

    package init(_ role: Role, _ port: Port) {
        self.role = role
        self.port = port
    }

    package var transport: TransportProtocol {
        switch role {
        case .inbound, .outbound: .tcp
        case .dns: .udp
        }
    }
}
