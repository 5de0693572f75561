import Addressing
import Diagnostics
import KubernetesConfig
import Testing
import TproxyConfig
import TproxyConfigYAML

/// The annotations of a pod set the keys that they name.
@Suite struct AnnotationTests {
    static func configuration(
        _ annotations: [String: String], files: [String] = [], probes: [ProbePort] = [],
        sidecar: SidecarUser? = nil
    ) throws -> PodConfiguration {
        let documents = try files.enumerated().map { index, text in
            try YAMLDocument.parse(text: text, source: "file\(index).yaml").get()
        }
        let pod = KubernetesPod(
            namespace: "shop", name: "web",
            annotations: annotations.map {
                PodAnnotation(name: $0.key, value: $0.value, ofPod: "pod shop/web")
            }, probePorts: probes, sidecarUser: sidecar)
        return PodConfiguration.of(pod, files: documents)
    }

    /// The rows of keys other than the defaults of a pod, as `path=value`.
    private func changes(_ configuration: PodConfiguration) -> Set<String> {
        let without = ["redirect.inbound.excludePorts[0]=9001"]
        return Set(
            EffectiveConfiguration(configuration.config).changedRows(itemLimit: 9).map {
                "\($0.path)=\($0.value)"
            }
        ).subtracting(without)
    }

    @Test func aPodWithoutAnnotationsHasTheDefaultsOfPods() throws {
        let configuration = try Self.configuration([:])
        #expect(configuration.diagnostics.isEmpty)
        #expect(configuration.config.kumaDPUser.value == .id(.kumaDefault))
        #expect(configuration.config.redirect.dns.enabled.value)
        #expect(configuration.config.redirect.dns.captureAll.value)
        #expect(
            configuration.config.redirect.inbound.excludePorts.value.map(\.value.number) == [9001])
        #expect(changes(configuration).isEmpty)
    }

    @Test(arguments: [
        ("traffic.kuma.io/exclude-inbound-ports", "22", "redirect.inbound.excludePorts[0]=22"),
        (
            "traffic.kuma.io/exclude-outbound-ports", "5432",
            "redirect.outbound.excludePorts[0]=5432"
        ),
        (
            "traffic.kuma.io/exclude-inbound-ips", "10.0.0.0/8",
            "redirect.inbound.excludePortsForIPs[0]=10.0.0.0/8"
        ),
        (
            "traffic.kuma.io/exclude-outbound-ips", "fd00::1",
            "redirect.outbound.excludePortsForIPs[0]=fd00::1"
        ),
        (
            "traffic.kuma.io/exclude-outbound-ports-for-uids", "tcp:22:1000",
            "redirect.outbound.excludePortsForUIDs[0]=tcp:22:1000"
        ),
        ("traffic.kuma.io/drop-invalid-packets", "true", "dropInvalidPackets=true"),
        ("traffic.kuma.io/iptables-logs", "enabled", "log.enabled=true"),
        ("traffic.kuma.io/transparent-proxy-config", "wait: 7", "wait=7"),
        ("kuma.io/transparent-proxying-inbound-port", "16006", "redirect.inbound.port=16006"),
        ("kuma.io/transparent-proxying-outbound-port", "16001", "redirect.outbound.port=16001"),
        ("kuma.io/transparent-proxying-ip-family-mode", "ipv4", "ipFamilyMode=ipv4"),
        ("kuma.io/builtin-dns", "disabled", "redirect.dns.captureAll=false"),
        ("kuma.io/builtin-dns", "disabled", "redirect.dns.enabled=false"),
        ("kuma.io/builtin-dns-port", "16053", "redirect.dns.port=16053"),
        ("kuma.io/sidecar-uid", "1234", "kumaDPUser=1234"),
        ("kuma.io/gateway", "enabled", "redirect.inbound.enabled=false"),
        ("kuma.io/gateway", "builtin", "redirect.inbound.enabled=false"),
        ("kuma.io/transparent-proxying-ebpf", "enabled", "ebpf.enabled=true"),
        ("kuma.io/transparent-proxying-ebpf-bpf-fs-path", "/b", "ebpf.bpffsPath=/b"),
        ("kuma.io/transparent-proxying-ebpf-cgroup-path", "/c", "ebpf.cgroupPath=/c"),
        ("kuma.io/transparent-proxying-ebpf-tc-attach-iface", "eth1", "ebpf.tcAttachIface=eth1"),
        (
            "kuma.io/transparent-proxying-ebpf-instance-ip-env-var-name", "IP",
            "ebpf.instanceIPEnvVarName=IP"
        ),
        (
            "kuma.io/transparent-proxying-ebpf-programs-source-path", "/p",
            "ebpf.programsSourcePath=/p"
        ),
    ])
    func anAnnotationSetsItsKey(name: String, value: String, change: String) throws {
        let configuration = try Self.configuration([name: value])
        #expect(!configuration.hasErrors, "\(configuration.diagnostics)")
        #expect(changes(configuration).contains(change), "\(changes(configuration))")
    }

    @Test func everyAnnotationOfTheTableIsAccepted() throws {
        for annotation in RedirectionAnnotation.all {
            #expect(try !Self.configuration([annotation.name: ""]).hasErrors)
        }
    }

    // MARK: Precedence

    /// annotation > ConfigMap > runtime values > default.
    @Test func anAnnotationOverridesFilesAndFilesOverrideTheControlPlane() throws {
        let runtime = "traffic.kuma.io/transparent-proxy-config"
        let base = "redirect: {inbound: {port: 1}, outbound: {port: 1}, dns: {port: 1}}"
        let configuration = try Self.configuration(
            [runtime: base, "kuma.io/transparent-proxying-inbound-port": "3"],
            files: ["redirect: {inbound: {port: 2}, outbound: {port: 2}}"])
        let redirect = configuration.config.redirect
        #expect(redirect.inbound.port.value.number == 3)
        #expect(redirect.outbound.port.value.number == 2)
        #expect(redirect.dns.port.value.number == 1)
        #expect(configuration.config.wait.value == TproxyConfig().wait.value)
    }

    @Test func aLaterFileWins() throws {
        let configuration = try Self.configuration([:], files: ["wait: 1", "wait: 2"])
        #expect(configuration.config.wait.value == 2)
    }

    @Test func anEmptyUserInAConfigMapIsTheDefault() throws {
        let configuration = try Self.configuration([:], files: ["kumaDPUser: \"\""])
        #expect(configuration.config.kumaDPUser.value == .id(.kumaDefault))
    }

    // MARK: Empty values

    /// An empty value neither excludes everything nor removes what a file excludes.
    @Test(arguments: RedirectionAnnotation.all.map(\.name))
    func anEmptyValueChangesNothing(name: String) throws {
        let file = """
            redirect:
              inbound: {excludePorts: [22], excludePortsForIPs: [10.0.0.1]}
              outbound:
                excludePorts: [23]
                excludePortsForIPs: [10.0.0.2]
                excludePortsForUIDs: ["tcp:24:1000"]
            """
        for value in ["", " "] {
            let with = try Self.configuration([name: value], files: [file])
            #expect(with.config == (try Self.configuration([:], files: [file]).config))
            #expect(with.diagnostics.map(\.id) == ["empty-annotation"])
        }
    }

    @Test(arguments: [
        ("traffic.kuma.io/exclude-outbound-ports-for-uids", "tcp:22:1000;"),
        ("traffic.kuma.io/exclude-outbound-ports-for-uids", ";"),
        ("traffic.kuma.io/exclude-outbound-ports-for-uids", "tcp:22:"),
        ("traffic.kuma.io/exclude-outbound-tcp-ports-for-uids", "22:1000;"),
        ("traffic.kuma.io/exclude-outbound-tcp-ports-for-uids", "22:"),
        ("traffic.kuma.io/exclude-outbound-ports", "80,,443"),
        ("traffic.kuma.io/exclude-inbound-ips", ","),
    ])
    func anEmptyItemIsRefused(name: String, value: String) throws {
        let configuration = try Self.configuration([name: value])
        #expect(configuration.hasErrors)
        #expect(configuration.config == (try Self.configuration([:]).config))
    }

    // MARK: Gateways and probes

    @Test func aGatewayExcludesNoProbes() throws {
        let configuration = try Self.configuration(["kuma.io/gateway": "enabled"])
        #expect(configuration.config.redirect.inbound.excludePorts.value.isEmpty)
    }

    @Test func noGatewayChangesNothing() throws {
        let configuration = try Self.configuration(["kuma.io/gateway": "disabled"])
        #expect(configuration.config.redirect.inbound.enabled.value)
    }

    @Test func thePortOfTheProbeProxyIsExcludedBesideOthers() throws {
        let configuration = try Self.configuration([
            "kuma.io/application-probe-proxy-port": "9100",
            "traffic.kuma.io/exclude-inbound-ports": "22,9100",
            "kuma.io/virtual-probes": "enabled",
        ])
        let ports = configuration.config.redirect.inbound.excludePorts.value.map(\.value.number)
        #expect(ports == [22, 9100, 9000])
    }

    @Test func withoutAProbeProxyThePortsOfProbesAreExcluded() throws {
        let probe = ProbePort(container: "app", port: "8080", origin: .builtIn)
        let on = try Self.configuration([:], probes: [probe])
        #expect(on.config.redirect.inbound.excludePorts.value.map(\.value.number) == [9001])
        let off = try Self.configuration(
            ["kuma.io/application-probe-proxy-port": "0"], probes: [probe])
        #expect(off.config.redirect.inbound.excludePorts.value.map(\.value.number) == [8080])
    }

    @Test func aProbeOfAnUnknownPortNamesThePodAndTheContainer() throws {
        let probe = ProbePort(container: "app", port: "http", origin: .builtIn)
        let configuration = try Self.configuration(
            ["kuma.io/application-probe-proxy-port": "0"], probes: [probe])
        let error = try #require(configuration.diagnostics.first)
        #expect(error.id == "unknown-probe-port")
        #expect(error.message.contains("container app of pod shop/web"))
    }

    // MARK: Users

    @Test func theContainersUserIsTheProxysUnlessTheConfigurationHasAnother() throws {
        let sidecar = SidecarUser(container: "kuma-sidecar", user: "1234", origin: .builtIn)
        let alone = try Self.configuration([:], sidecar: sidecar)
        #expect(alone.config.kumaDPUser.value == UserID("1234").map { .id($0) })
        let same = try Self.configuration(["kuma.io/sidecar-uid": "1234"], sidecar: sidecar)
        #expect(!same.hasErrors)
        let other = try Self.configuration(["kuma.io/sidecar-uid": "5678"], sidecar: sidecar)
        let error = try #require(other.diagnostics.first)
        #expect(error.id == "other-sidecar-user")
        #expect(error.message.contains("container kuma-sidecar of pod shop/web"))
        #expect(error.notes.contains { $0.contains("annotation kuma.io/sidecar-uid") })
    }

    @Test func aUserNameIsRefused() throws {
        let configuration = try Self.configuration(["kuma.io/sidecar-uid": "kuma-dp"])
        #expect(configuration.diagnostics.map(\.id) == ["user-name-in-pod"])
    }
}
