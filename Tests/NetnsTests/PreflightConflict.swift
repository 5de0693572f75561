import Testing
import TproxyTestSupport

/// A conflict to create on a clean host, its finding, and its remedy.
struct PreflightConflict: Sendable, CustomTestStringConvertible {
    enum Step: Sendable {
        case shell(String)
        case process(as: Int, [String])
        /// Ends the proxy and all other processes that were started.
        case end
    }

    var id: String
    var plant: [Step]
    /// The configuration with which there is a finding.
    var yaml = ""
    var remedy: [Step]
    /// The configuration with which there is none; nil for the same.
    var remedyYAML: String?

    var testDescription: String { id }

    static let rules = [
        PreflightConflict(
            id: "nat-chain-before",
            plant: [
                .shell(
                    """
                    nft add table ip gateway
                    nft add chain ip gateway out '{ type nat hook output priority -150; }'
                    nft add rule ip gateway out tcp dport 99 redirect to :7
                    """)
            ],
            remedy: [
                .shell(
                    """
                    nft delete table ip gateway; nft add table ip gateway
                    nft add chain ip gateway out '{ type nat hook output priority -98; }'
                    nft add rule ip gateway out tcp dport 99 redirect to :7
                    """)
            ]),
        PreflightConflict(
            id: "nat-chain-equal",
            plant: [
                .shell(
                    """
                    nft add table inet gateway
                    nft add chain inet gateway in '{ type nat hook prerouting priority -99; }'
                    nft add rule inet gateway in tcp dport 99 dnat ip to 192.0.2.9
                    """)
            ], remedy: [.shell("nft delete table inet gateway")]),
        PreflightConflict(
            id: "nat-chain-between",
            plant: [
                .shell("iptables-nft -t nat -A OUTPUT -p tcp --dport 99 -j REDIRECT --to-ports 7")
            ], remedy: [],
            remedyYAML: "redirect: {outbound: {insertRedirectInsteadOfAppend: true}}"),
        PreflightConflict(
            id: "nat-chain-between",
            plant: [
                .shell("iptables-legacy -t nat -A OUTPUT -p tcp --dport 99 -j DNAT --to 192.0.2.9")
            ],
            remedy: [.shell("iptables-legacy -t nat -F")]),
        PreflightConflict(
            id: "docker-first",
            plant: [
                .shell(
                    """
                    run='iptables-nft -t nat'
                    $run -N DOCKER; $run -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
                    $run -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to 172.17.0.2:80
                    """)
            ], remedy: [],
            remedyYAML: "redirect: {inbound: {insertRedirectInsteadOfAppend: true}}"),
        PreflightConflict(
            id: "kube-proxy-first",
            plant: [
                .shell(
                    """
                    nft -f - <<'E'
                    table ip kube-proxy {
                        chain endpoint {
                            meta l4proto tcp dnat to 10.244.0.7:8080
                        }
                        chain services {
                            ip daddr . tcp dport vmap { 10.96.0.10 . 80 : goto endpoint }
                        }
                        chain nat-output { type nat hook output priority -100; jump services; }
                    }
                    E
                    """)
            ], remedy: [],
            remedyYAML: "redirect: {outbound: {insertRedirectInsteadOfAppend: true}}"),
        PreflightConflict(
            id: "legacy-and-nft",
            plant: [
                .shell(
                    """
                    iptables-legacy -t nat -A OUTPUT -p tcp --dport 99 -j RETURN
                    iptables-nft -t nat -A OUTPUT -p tcp --dport 98 -j RETURN
                    """)
            ], remedy: [.shell("iptables-legacy -t nat -F")]),
        PreflightConflict(
            id: "other-mesh",
            plant: [
                .shell(
                    """
                    iptables-nft -t nat -N ISTIO_OUTPUT; iptables-nft -t nat -N ISTIO_REDIRECT
                    iptables-nft -t nat -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001
                    iptables-nft -t nat -A ISTIO_OUTPUT -m owner --uid-owner 1337 -j RETURN
                    iptables-nft -t nat -A ISTIO_OUTPUT -j ISTIO_REDIRECT
                    iptables-nft -t nat -A OUTPUT -p tcp -j ISTIO_OUTPUT
                    """)
            ],
            remedy: [
                .shell("iptables-nft -t nat -F; iptables-nft -t nat -X")
            ]),
        PreflightConflict(
            id: "kumactl-rules",
            plant: [
                .shell(
                    """
                    iptables-legacy -t nat -N KUMA_MESH_OUTBOUND
                    iptables-legacy -t nat -A KUMA_MESH_OUTBOUND -p tcp -j REDIRECT --to-ports 15001
                    iptables-legacy -t nat -A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND
                    """)
            ], remedy: [.shell("\(tproxy) remove --kumactl")]),
        PreflightConflict(
            id: "other-instance",
            plant: [
                .shell("\(tproxy) apply --kuma-dp-user 1 --instance other --no-preflight")
            ], remedy: [.shell("\(tproxy) remove --instance other")]),
    ]

    static let hosts = [
        PreflightConflict(
            id: "no-listener", plant: [.end],
            remedy: [.process(as: 5678, PreflightHost.proxy)]),
        PreflightConflict(
            id: "listener-family",
            plant: [.end, .process(as: 5678, ["tcp,::,15006", "tcp,0.0.0.0,15001"])],
            remedy: [.process(as: 5678, ["tcp,::1,15001"])]),
        PreflightConflict(
            id: "listener-address",
            plant: [
                .end,
                .process(
                    as: 5678,
                    ["tcp,127.0.0.1,15006", "tcp,2001:db8::1,15006", "tcp,::,15001"]),
            ], remedy: [.end, .process(as: 5678, PreflightHost.proxy)]),
        PreflightConflict(
            id: "listener-owner",
            plant: [.end, .process(as: 1234, PreflightHost.proxy)],
            remedy: [], remedyYAML: "kumaDPUser: \"1234\""),
        PreflightConflict(
            id: "ssh-redirected", plant: [.process(as: 0, ["tcp,0.0.0.0,22"])], remedy: [],
            remedyYAML: "redirect: {inbound: {excludePorts: [22]}}"),
        PreflightConflict(
            id: "containers-redirected",
            plant: [
                .shell(
                    """
                    ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0
                    ip link set docker0 up; sysctl -q -w net.ipv4.ip_forward=1
                    conntrack -I -p udp -s 192.0.2.1 -d 192.0.2.2 --sport 7 --dport 7 -t 600
                    """)
            ], remedy: [],
            remedyYAML: """
                redirect:
                  vnet: {networks: ["docker0:172.17.0.0/16"]}
                  inbound: {excludePortsForIPs: ["172.17.0.0/16"]}

                """),
        PreflightConflict(
            id: "ipv6-not-covered", plant: [], yaml: "ipFamilyMode: ipv4", remedy: [],
            remedyYAML: "ipFamilyMode: dualstack"),
        PreflightConflict(
            id: "loopback-ipv6-off",
            plant: [.shell("sysctl -q -w net.ipv6.conf.lo.disable_ipv6=1")],
            remedy: [.shell("sysctl -q -w net.ipv6.conf.lo.disable_ipv6=0")]),
        PreflightConflict(
            id: "root-proxy-user", plant: [.end, .process(as: 0, PreflightHost.proxy)],
            yaml: "kumaDPUser: \"0\"", remedy: [.end, .process(as: 5678, PreflightHost.proxy)],
            remedyYAML: ""),
        PreflightConflict(
            id: "shared-proxy-user", plant: [.process(as: 5678, ["tcp,127.0.0.1,9999"])],
            remedy: [
                .end, .process(as: 5678, PreflightHost.proxy),
                .process(as: 1000, ["tcp,127.0.0.1,9999"]),
            ]),
    ]

    private static let tproxy = Command.tproxy
}
