import Testing
import TproxyTestSupport

/// A firewall, and which redirected traffic it drops.
struct FirewallCase: Sendable, CustomTestStringConvertible {
    /// A packet to send.
    enum Probe: String, Sendable, CaseIterable {
        /// A connection from another host.
        case incoming
        /// A connection to another host.
        case outgoing
        /// A DNS query to another host.
        case dns
    }

    var name: String
    /// Shell commands that load the firewall.
    var load: String
    /// The probes that are lost.
    var lost: Set<Probe>

    var testDescription: String { name }

    static let plain =
        nft
        + ["nft", "legacy"].flatMap { flavour in
            iptables("iptables-\(flavour)", "ip6tables-\(flavour)")
        }

    private static let nft = [
        FirewallCase(
            name: "nft, incoming ports accepted",
            load: nftTable(
                """
                chain input {
                    type filter hook input priority filter; policy drop;
                    ct state vmap { established : accept, related : accept, invalid : drop }
                    iif lo accept
                    meta l4proto { icmp, ipv6-icmp } accept
                    tcp dport @open accept
                }
                """), lost: [.incoming]),
        FirewallCase(
            name: "nft, a jump and a reject",
            load: nftTable(
                """
                chain services { tcp dport vmap { 80 : accept, 22 : accept }; }
                chain input {
                    type filter hook input priority filter; policy accept;
                    ct state established,related accept
                    iifname "lo" accept
                    meta l4proto ipv6-icmp accept
                    jump services
                    reject with icmpx type admin-prohibited
                }
                """), lost: [.incoming]),
        FirewallCase(
            name: "nft, outgoing ports accepted",
            load: nftTable(
                """
                chain output {
                    type filter hook output priority filter; policy drop;
                    ct state { established, related } accept
                    oif lo accept
                    meta l4proto ipv6-icmp accept
                    tcp dport { 80, 443 } accept
                    udp dport 53 accept
                }
                """), lost: [.outgoing, .dns]),
        FirewallCase(
            name: "nft, loopback not accepted",
            load: nftTable(
                """
                chain input {
                    type filter hook input priority filter; policy drop;
                    ct state established,related accept
                    meta l4proto ipv6-icmp accept
                    tcp dport { 80, 15006 } accept
                }
                """), lost: [.outgoing, .dns]),
        FirewallCase(
            name: "nft, translated connections accepted",
            load: nftTable(
                """
                chain input {
                    type filter hook input priority filter; policy drop;
                    ct state established,related accept
                    ct status dnat accept
                    meta l4proto ipv6-icmp accept
                    tcp dport 80 accept
                }
                chain output {
                    type filter hook output priority filter; policy drop;
                    ct state established,related accept
                    ct status dnat accept
                    meta l4proto ipv6-icmp accept
                }
                """), lost: []),
        FirewallCase(
            name: "nft, a later chain drops",
            load: nftTable(
                """
                chain early { type filter hook input priority -10; accept; }
                chain late {
                    type filter hook input priority 10; policy accept;
                    ct state established,related accept
                    tcp dport != { 22, 80, 15001 } drop
                }
                """), lost: [.incoming]),
        FirewallCase(
            name: "nft, marks",
            load: nftTable(
                """
                chain input {
                    type filter hook input priority filter; policy accept;
                    ct state established,related accept
                    meta mark set 0x2
                    ct mark set 0x1
                    tcp dport 15006 meta mark set meta mark | 0x40
                    udp dport 15053 ct mark set 0x9
                    ct mark 0x9 meta mark set ct mark
                    meta mark & 0x40 == 0x40 drop
                    meta mark 0x3 drop
                    meta mark 0x9 drop
                }
                """), lost: [.incoming, .dns]),
        FirewallCase(
            name: "nft, concatenations",
            load: nftTable(
                """
                map closed {
                    type inet_proto . inet_service : verdict
                    elements = { tcp . 15001 : drop, udp . 15006 : drop }
                }
                chain input {
                    type filter hook input priority filter; policy accept;
                    ct state established,related accept
                    iifname . meta l4proto . th dport { "lo" . udp . 15053 } drop
                    meta l4proto . th dport vmap @closed
                }
                """), lost: [.outgoing, .dns]),
        FirewallCase(
            name: "nft, forwarding alone",
            load: nftTable(
                "chain forward { type filter hook forward priority filter; policy drop; }"),
            lost: []),
        FirewallCase(
            name: "nft, one network accepted",
            load: nftTable(
                """
                chain input {
                    type filter hook input priority filter; policy drop;
                    ct state established,related accept
                    iif lo accept
                    meta l4proto ipv6-icmp accept
                    ip saddr 192.0.2.0/24 accept
                    ip6 saddr 2001:db8::/64 accept
                }
                """), lost: []),
    ]

    private static func nftTable(_ chains: String) -> String {
        """
        nft -f - <<'E'
        table inet wall {
            set open { type inet_service; elements = { 22, 80 } }
            \(chains)
        }
        E
        """
    }

    private static func iptables(_ programs: String...) -> [FirewallCase] {
        func each(_ rules: String) -> String {
            programs.map { program in
                rules.split(separator: "\n").map { "\(program) \($0)" }.joined(separator: "\n")
            }.joined(separator: "\n")
        }
        return [
            FirewallCase(
                name: "\(programs[0]), incoming ports accepted",
                load: each(
                    """
                    -P INPUT DROP
                    -A INPUT -i lo -j ACCEPT
                    -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                    -A INPUT -p ipv6-icmp -j ACCEPT
                    -A INPUT -p tcp -m multiport --dports 22,80 -m conntrack --ctstate NEW -j ACCEPT
                    """), lost: [.incoming]),
            FirewallCase(
                name: "\(programs[0]), a chain of its own rejects",
                load: each(
                    """
                    -N services
                    -A services -p tcp --dport 80 -j RETURN
                    -A services -p tcp --dport 15001 -j RETURN
                    -A services -p tcp --syn -m limit --limit 100/second -j REJECT
                    -A INPUT -m addrtype --dst-type LOCAL -g services
                    """), lost: [.incoming]),
            FirewallCase(
                name: "\(programs[0]), outgoing ports accepted",
                load: each(
                    """
                    -P OUTPUT DROP
                    -A OUTPUT -o lo -j ACCEPT
                    -A OUTPUT -m state --state ESTABLISHED -j ACCEPT
                    -A OUTPUT -p ipv6-icmp -j ACCEPT
                    -A OUTPUT -p tcp --dport 80 -j ACCEPT
                    -A OUTPUT -p udp --dport 53 -j ACCEPT
                    """), lost: [.outgoing, .dns]),
            FirewallCase(
                name: "\(programs[0]), Docker's",
                load: each(
                    """
                    -P FORWARD DROP
                    -N DOCKER-USER
                    -A FORWARD -j DOCKER-USER
                    -A DOCKER-USER -j RETURN
                    """), lost: []),
        ]
    }
}
