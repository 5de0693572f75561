/// An annotation that changes which traffic of a pod is redirected.
package struct RedirectionAnnotation: Sendable {
    enum Meaning: Sendable {
        /// The value of this key, in the key's own format.
        case key(String)
        /// A switch, which sets each of these keys.
        case toggle([String])
        /// `[ports:]uids` for one protocol; items of `redirect.outbound.excludePortsForUIDs`.
        case owners(protocol: String)
        /// A gateway receives no redirected connections.
        case gateway
        /// The whole configuration as YAML, which Kuma's control plane writes.
        case configuration
        /// A port of the proxy for the kubelet's probes, which is excluded; 0 turns it off.
        case probeProxyPort
        case virtualProbes
        case virtualProbesPort
        /// The transparent proxy itself, which can't be turned off.
        case proxying
        /// Read elsewhere, or of no meaning for the redirection.
        case none
    }

    package let name: String
    /// Former spellings, each with the same meaning.
    package let formerNames: [String]
    /// The default, as the documentation has it.
    package let defaultText: String
    package let summary: String
    let meaning: Meaning

    init(
        _ name: String, former: [String] = [], _ meaning: Meaning, default defaultText: String,
        _ summary: String
    ) {
        self.name = name
        formerNames = former
        self.defaultText = defaultText
        self.summary = summary
        self.meaning = meaning
    }

    static let configurationName = "traffic.kuma.io/transparent-proxy-config"
    static let sidecarUserName = "kuma.io/sidecar-uid"
    static let injectedName = "kuma.io/sidecar-injected"

    /// All annotations that concern the redirection, in the order of the documentation.
    package static let all: [RedirectionAnnotation] = traffic + proxying + probes + ebpf

    private static let traffic: [RedirectionAnnotation] = [
        RedirectionAnnotation(
            "traffic.kuma.io/exclude-inbound-ports", .key("redirect.inbound.excludePorts"),
            default: "–", "Inbound ports to exclude, separated by commas."),
        RedirectionAnnotation(
            "traffic.kuma.io/exclude-outbound-ports", .key("redirect.outbound.excludePorts"),
            default: "–", "Outbound ports to exclude, separated by commas."),
        RedirectionAnnotation(
            "traffic.kuma.io/exclude-inbound-ips", .key("redirect.inbound.excludePortsForIPs"),
            default: "–", "Sources to exclude: addresses or CIDR blocks, separated by commas."),
        RedirectionAnnotation(
            "traffic.kuma.io/exclude-outbound-ips", .key("redirect.outbound.excludePortsForIPs"),
            default: "–", "Destinations to exclude: addresses or CIDR blocks, separated by commas."),
        RedirectionAnnotation(
            "traffic.kuma.io/exclude-outbound-ports-for-uids",
            .key("redirect.outbound.excludePortsForUIDs"), default: "–",
            "Owners to exclude, `[protocol:][ports:]uids`, separated by semicolons."),
        RedirectionAnnotation(
            "traffic.kuma.io/exclude-outbound-tcp-ports-for-uids", .owners(protocol: "tcp"),
            default: "–", "Deprecated: the same for TCP, `[ports:]uids`."),
        RedirectionAnnotation(
            "traffic.kuma.io/exclude-outbound-udp-ports-for-uids", .owners(protocol: "udp"),
            default: "–", "Deprecated: the same for UDP, `[ports:]uids`."),
        RedirectionAnnotation(
            "traffic.kuma.io/drop-invalid-packets", .toggle(["dropInvalidPackets"]),
            default: "false", "Drop incoming packets that conntrack finds invalid."),
        RedirectionAnnotation(
            "traffic.kuma.io/iptables-logs", .toggle(["log.enabled"]), default: "false",
            "Write a line to the kernel log for every new connection."),
        RedirectionAnnotation(
            configurationName, .configuration, default: "–",
            "The whole configuration as YAML. Kuma's control plane and `tproxy kube inject` write it."
        ),
        RedirectionAnnotation(
            "traffic.kuma.io/transparent-proxy-configmap-name", .none, default: "–",
            "A ConfigMap of the pod's namespace. Mount it, and pass the file with `--config`."),
    ]

    private static let proxying: [RedirectionAnnotation] = [
        RedirectionAnnotation(
            "kuma.io/transparent-proxying", .proxying, default: "enabled",
            "`disabled` is refused: on Kubernetes the transparent proxy can't be turned off."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-inbound-port", .key("redirect.inbound.port"),
            default: "15006", "The proxy's port for incoming connections."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-inbound-v6-port", .none, default: "–",
            "Deprecated and without effect: the inbound port serves both families."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-outbound-port", .key("redirect.outbound.port"),
            default: "15001", "The proxy's port for outgoing connections."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-ip-family-mode", .key("ipFamilyMode"),
            default: "dualstack", "The address families to redirect."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-reachable-services", .none, default: "–",
            "For the proxy's own configuration only."),
        RedirectionAnnotation(
            "kuma.io/builtin-dns", former: ["kuma.io/builtindns"],
            .toggle(["redirect.dns.enabled", "redirect.dns.captureAll"]), default: "enabled",
            "Redirect DNS over UDP, to every server."),
        RedirectionAnnotation(
            "kuma.io/builtin-dns-port", former: ["kuma.io/builtindnsport"],
            .key("redirect.dns.port"), default: "15053", "The proxy's port for DNS."),
        RedirectionAnnotation(
            "kuma.io/builtin-dns-logging", .none, default: "–",
            "For the proxy's own configuration only."),
        RedirectionAnnotation(
            sidecarUserName, .key("kumaDPUser"), default: "5678",
            "The UID of the proxy. Its traffic bypasses the proxy."),
        RedirectionAnnotation(
            "kuma.io/gateway", .gateway, default: "–",
            "`enabled`, `provided` or `builtin`: incoming connections are not redirected."),
    ]

    private static let probes: [RedirectionAnnotation] = [
        RedirectionAnnotation(
            "kuma.io/application-probe-proxy-port", .probeProxyPort, default: "9001",
            "The proxy's port for the kubelet's probes, which is excluded. With 0, the ports that"
                + " the manifest's probes name are excluded."),
        RedirectionAnnotation(
            "kuma.io/virtual-probes", .virtualProbes, default: "disabled",
            "Deprecated: exclude the port of virtual probes."),
        RedirectionAnnotation(
            "kuma.io/virtual-probes-port", .virtualProbesPort, default: "9000",
            "Deprecated: the port of virtual probes."),
    ]

    private static let ebpf: [RedirectionAnnotation] = [
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-ebpf", .toggle(["ebpf.enabled"]), default: "disabled",
            "Redirect sockets with eBPF programs instead of nft rules (docs/ebpf.md)."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-ebpf-bpf-fs-path", .key("ebpf.bpffsPath"),
            default: "/run/kuma/bpf", "Where the BPF file system is mounted."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-ebpf-cgroup-path", .key("ebpf.cgroupPath"),
            default: "/sys/fs/cgroup", "Where cgroup v2 is mounted."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-ebpf-tc-attach-iface", .key("ebpf.tcAttachIface"),
            default: "–", "The interface for the TC programs."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-ebpf-instance-ip-env-var-name",
            .key("ebpf.instanceIPEnvVarName"), default: "–",
            "The environment variable that holds the pod's address."),
        RedirectionAnnotation(
            "kuma.io/transparent-proxying-ebpf-programs-source-path",
            .key("ebpf.programsSourcePath"), default: "/tmp/kuma-ebpf",
            "Another build of the programs, for an init container; the plugin refuses it."),
    ]

    /// Annotations of Kuma's that have nothing to do with the redirection.
    static let others: Set<String> = [
        injectedName, "kuma.io/sidecar-injection", "kuma.io/mesh", "kuma.io/init-first",
        "kuma.io/wait-for-dataplane-ready", "kuma.io/envoy-admin-port", "kuma.io/tags",
        "kuma.io/direct-access-services", "kuma.io/container-patches", "kuma.io/reachable-backends",
        "kuma.io/sidecar-env-vars", "kuma.io/sidecar-drain-time", "kuma.io/envoy-log-level",
        "kuma.io/sidecar-proxy-concurrency", "kuma.io/service-account-token-volume",
        "kuma.io/envoy-component-log-level", "kuma.io/ignore", "kuma.io/workload",
    ]
}
