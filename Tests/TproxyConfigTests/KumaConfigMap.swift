/// The `config.yaml` of the ConfigMap that Kuma's Helm chart creates, written by hand.
///
/// Helm sorts the keys, and adds every key of the chart's values with its default.
struct KumaConfigMap: Sendable, CustomStringConvertible {
    /// The version of the chart.
    var version: String
    /// Up to 2.14 the chart has a section for the eBPF engine.
    var hasEBPF: Bool

    var description: String { version }

    static let all =
        ["2.9", "2.10", "2.11", "2.12", "2.13", "2.14"].map {
            KumaConfigMap(version: $0, hasEBPF: true)
        } + [KumaConfigMap(version: "3.0", hasEBPF: false)]

    /// Returns the text; `empty` is the notation of an empty value.
    func text(empty: String = "\"\"") -> String {
        let ebpf = """
            ebpf:
              bpffsPath: /run/kuma/bpf
              cgroupPath: /sys/fs/cgroup
              enabled: false
              instanceIPEnvVarName: \(empty)
              programsSourcePath: /tmp/kuma-ebpf
              tcAttachIface: \(empty)

            """
        return """
            comments:
              disabled: false
            dropInvalidPackets: false
            \(hasEBPF ? ebpf : "")ipFamilyMode: dualstack
            iptablesExecutables:
              ip6tables: \(empty)
              ip6tables-restore: \(empty)
              ip6tables-save: \(empty)
              iptables: \(empty)
              iptables-restore: \(empty)
              iptables-save: \(empty)
            kumaDPUser: "5678"
            log:
              enabled: false
            redirect:
              dns:
                captureAll: true
                enabled: true
                port: 15053
                resolvConfigPath: /etc/resolv.conf
                skipConntrackZoneSplit: false
              inbound:
                enabled: true
                excludePorts: []
                excludePortsForIPs: []
                excludePortsForUIDs: []
                includePorts: []
                insertRedirectInsteadOfAppend: false
                port: 15006
              outbound:
                enabled: true
                excludePorts: []
                excludePortsForIPs: []
                excludePortsForUIDs: []
                includePorts: []
                insertRedirectInsteadOfAppend: false
                port: 15001
              vnet:
                networks: []
            retry:
              maxRetries: 4
              sleepBetweenRetries: 2s
            storeFirewalld: false
            verbose: false
            wait: 5
            waitInterval: 0

            """
    }
}
