package import Addressing
package import RuleIR

/// Something on the host that is in the way of the rules, or that they are in the way of.
package enum Finding: Hashable, Sendable {
    /// A foreign nat chain comes before all of ours.
    case natChainBefore(LoadedChain)
    /// A foreign nat chain has the priority of one of ours.
    case natChainEqual(LoadedChain)
    /// A foreign nat chain comes before the redirection, and behind what goes first.
    case natChainBetween(LoadedChain)
    /// Docker's nat rules come before the redirection.
    case dockerFirst(LoadedChain)
    /// Rules of iptables leave queries to Docker's chain, and `found` has it, not their tables.
    case dockerFlavour(wanted: LoadedChain.Engine, found: LoadedChain.Engine?)
    /// kube-proxy's nat rules come before the redirection.
    case kubeProxyFirst(LoadedChain)
    /// Both flavours of iptables have nat rules.
    case legacyAndNft(legacy: LoadedChain, nft: LoadedChain)
    case otherMesh(KnownProgram, TenantSign)
    case kumactlRules(TenantSign)
    case otherInstance(TenantSign)
    /// firewalld rejects packets to ::/96, and so what is redirected to ::1.
    case firewalldRejectsIPv6(LoadedChain)
    /// firewalld lets in what is redirected, whatever port it came to.
    case firewalldBypassed(Port)
    /// A filter chain of another program drops what is redirected.
    case firewallDrops(FirewallObstacle)
    /// Nobody can say whether a filter chain lets pass what is redirected.
    case firewallUnclear(FirewallObstacle)
    /// Nothing listens on these ports.
    case noListener([ProxyPort])
    case listenerFamily(ProxyPort, missing: AddressFamily)
    /// Nothing listens at `needed`, one of the addresses that the kernel redirects to.
    case listenerAddress(ProxyPort, bound: [IPAddress], needed: IPAddress)
    case listenerOwner([ProxyPort], owner: UserID, proxyUser: UserID)
    case sshCaptured(Port)
    /// What containers behind a bridge send is captured as if it came in from outside.
    case containersCaptured(InterfaceName, IPPrefix, inbound: Port)
    /// Connections to published ports, or between containers, go to the inbound listener.
    case virtualNetworkInbound(ports: [Port], networks: [IPPrefix], inbound: Port)
    /// The queries of the host's own resolver come back to the proxy.
    case resolverLoop(resolver: IPAddress, owner: UserID)
    /// The queries that Docker's resolver forwards come back to the proxy.
    case dockerResolverLoop(owner: UserID, capturesAll: Bool)
    case ipv6NotCovered(InterfaceName, IPAddress)
    case loopbackIPv6Off(InterfaceName)
    case rootProxyUser
    case sharedProxyUser(PreflightSurvey.Process, UserID)
    /// Connections that would be captured if they began now, and go on as they are; `sessions` of them
    /// are SSH's.
    case openConnections(Int, sessions: Int)
    /// Connections that the rules would meet in the middle, and reset.
    case connectionsBreak(Int)
    case sessionsBreak(Port, Int)
    /// Connections that the host forwards through an interface; sockets don't tell of them.
    case forwardedConnections(InterfaceName)
    /// DNS flows that conntrack remembers uncaptured.
    case openDNSFlows(Int)

    /// What a finding is about; the raw value is the stable name that scripts may rely on.
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
        case sshCaptured = "ssh-redirected"
        case containersCaptured = "containers-redirected"
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

        package var severity: Severity {
            switch self {
            case .natChainBefore, .natChainEqual, .dockerFlavour, .kubeProxyFirst, .legacyAndNft,
                .otherMesh, .kumactlRules, .otherInstance, .firewalldRejectsIPv6,
                .firewalldBypassed, .firewallDrops, .listenerFamily, .listenerAddress,
                .listenerOwner, .sshCaptured, .containersCaptured, .virtualNetworkInbound,
                .resolverLoop, .loopbackIPv6Off, .rootProxyUser, .sharedProxyUser,
                .connectionsBreak, .sessionsBreak:
                .warning
            case .natChainBetween, .dockerFirst, .firewallUnclear, .noListener, .ipv6NotCovered,
                .openConnections, .forwardedConnections, .openDNSFlows:
                .note
            }
        }
    }

    package enum Severity: String, Hashable, Sendable, Codable {
        /// Traffic is lost, goes around the proxy or gets where it shouldn't.
        case warning
        /// It may well be meant so, or passes by itself.
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
        case .sshCaptured: .sshCaptured
        case .containersCaptured: .containersCaptured
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
        }
    }
}

/// A port of the proxy that rules redirect to.
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
