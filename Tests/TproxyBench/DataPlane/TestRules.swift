import Addressing

/// Rules whose price for packets is measured.
struct TestRules: Hashable {
    enum Kind: String, CaseIterable {
        /// No rules and no conntrack: packets are sent to the proxy directly.
        case none
        /// One nftables rule for each transport.
        case smallest
        case tproxy
        /// With DNS redirected as well, by rules of two more hooks.
        case tproxyDNS = "tproxy-dns"
        /// Kuma's rules, through iptables-nft.
        case kuma
        case kumaDNS = "kuma-dns"
        case perItem = "rule-per-item"

        var title: String {
            switch self {
            case .none: "no rules"
            case .smallest: "smallest redirect"
            case .tproxy: "tproxy"
            case .tproxyDNS: "tproxy, DNS redirected"
            case .kuma: "Kuma's iptables rules"
            case .kumaDNS: "Kuma's, DNS redirected"
            case .perItem: "rule per item"
            }
        }

        /// The contender that loads them, from a list of exclusions.
        var contender: Contender? {
            switch self {
            case .none, .smallest: nil
            case .tproxy, .tproxyDNS: .tproxy
            case .kuma, .kumaDNS: .kumactl
            case .perItem: .perItem
            }
        }

        var hasExclusions: Bool { contender != nil }

        /// Whether DNS queries reach the proxy.
        var hasDNS: Bool {
            switch self {
            case .none, .smallest, .tproxyDNS, .kumaDNS: true
            case .tproxy, .kuma, .perItem: false
            }
        }
    }

    var kind: Kind
    /// The number of exclusions; 0 for kinds that have none.
    var size: Int

    static func all(_ sizes: [Int]) -> [TestRules] {
        Kind.allCases.flatMap { kind in
            (kind.hasExclusions ? sizes : [0]).map { TestRules(kind: kind, size: $0) }
        }
    }

    /// The smallest rules that redirect everything.
    static let smallestText = """
        table inet smallest {
            chain output {
                type nat hook output priority -100
                meta l4proto tcp redirect to :\(Proxy.outbound)
                udp dport 53 redirect to :\(Proxy.dns)
            }
        }

        """
}

/// The default ports of the proxy, and its UID in the host facts.
enum Proxy {
    /// The loopback address, 127.0.0.1.
    static let address: UInt32 = 0x7F00_0001
    static let outbound: UInt16 = 15001
    static let dns: UInt16 = 15053
    static let user = UserID.kumaDefault
}
