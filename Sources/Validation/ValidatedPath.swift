package import Addressing

/// A path that a configuration gives to connections of one family.
package struct ValidatedPath: Hashable, Sendable {
    /// The raw value is the name in reports.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A connection to this host arrives at the proxy's inbound port.
        ///
        /// The proxy connects to an own address: no other connection of this host is redirected to
        /// that port.
        case inbound
        /// An application's connection to another host arrives at the proxy's outbound port.
        case outbound
        /// An application's DNS query over UDP arrives at the proxy's DNS port.
        case dns
        /// The proxy's connection to the local application arrives there.
        case application
        /// The proxy's connection to another host is not redirected.
        case proxy
        /// The proxy's DNS query over UDP is not redirected.
        case proxyDNS = "proxy-dns"
    }

    package var kind: Kind
    package var family: AddressFamily

    package init(_ kind: Kind, _ family: AddressFamily) {
        self.kind = kind
        self.family = family
    }

    /// Such as `IPv4 inbound`.
    package var name: String { "\(family.displayName) \(kind.rawValue)" }
}

/// The outcome of the connection of one path.
package struct PathResult: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// The connection was where it has to be.
        case proved
        /// It was elsewhere; the text says where.
        case broken(String)
        /// No connection could tell; the text says why.
        case unproved(String)
    }

    package var path: ValidatedPath
    /// The connection in words; empty if there was none.
    package var connection: String
    /// Where the connection has to arrive, in words.
    package var expected: String
    /// The reason and the key of the rule that decides, or `-`.
    package var rule: String
    package var verdict: Verdict
}

/// The part of a configuration that its paths depend on, beside the rules.
package struct ValidationSetting: Sendable {
    package var families: [AddressFamily]
    package var proxyUser: UserID
    package var inboundPort: Port
    package var outboundPort: Port
    package var dnsPort: Port
    package var resolvers: [IPAddress]
    /// Outgoing ports that the configuration names; one of them may be the only one redirected.
    package var includedPorts: [Port]

    package init(
        families: [AddressFamily], proxyUser: UserID, inboundPort: Port, outboundPort: Port,
        dnsPort: Port, resolvers: [IPAddress], includedPorts: [Port]
    ) {
        self.families = families
        self.proxyUser = proxyUser
        self.inboundPort = inboundPort
        self.outboundPort = outboundPort
        self.dnsPort = dnsPort
        self.resolvers = resolvers
        self.includedPorts = includedPorts
    }
}
