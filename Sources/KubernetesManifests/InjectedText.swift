import TproxyConfig

/// The YAML that is added to a pod.
struct InjectedText {
    static let containerName = "tproxy-init"
    static let volumeName = "tproxy-config"
    static let configurationName = "traffic.kuma.io/transparent-proxy-config"
    static let userName = "kuma.io/sidecar-uid"

    let config: TproxyConfig

    /// The annotations, without those in `present`.
    func annotations(without present: Set<String>) -> [String] {
        var lines: [String] = []
        if !present.contains(Self.userName), let user = config.kumaDPUser.value {
            lines.append("\(Self.userName): \"\(user)\"")
        }
        lines.append("\(Self.configurationName): |")
        lines += EffectiveConfiguration(config).changedYAML.split(separator: "\n").map { "  \($0)" }
        return lines
    }

    /// The init container, as an item of a list.
    func container(image: String) -> [String] {
        """
        - name: \(Self.containerName)
          image: "\(image)"
          command: ["/usr/bin/kumactl", "install", "transparent-proxy"]
          args: ["--config=/tmp/transparent-proxy/base/config.yaml"]
          securityContext:
            runAsUser: 0
            runAsGroup: 0
            runAsNonRoot: false
        \(privileges)
          resources:
            requests:
              cpu: 20m
              memory: 20M
            limits:
              memory: 50M
          volumeMounts:
          - name: \(Self.volumeName)
            mountPath: /tmp/transparent-proxy/base
            readOnly: true
        \(nodeMounts)
        """.split(separator: "\n").map(String.init)
    }

    /// The volumes, as items of a list.
    var volumes: [String] {
        """
        - name: \(Self.volumeName)
          downwardAPI:
            items:
            - path: config.yaml
              fieldRef:
                fieldPath: metadata.annotations['\(Self.configurationName)']
        \(nodeVolumes)
        """.split(separator: "\n").map(String.init)
    }

    /// eBPF programs are loaded with privileges on the node, as by Kuma's init container.
    private var privileges: String {
        guard config.ebpf.enabled.value else {
            return """
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities:
                      drop: ["ALL"]
                      add: ["NET_ADMIN"]
                """
        }
        let variable = config.ebpf.instanceIPEnvVarName.value
        return """
                privileged: true
                readOnlyRootFilesystem: true
              env:
              - name: \(ConfigurationKey.quoted(variable.isEmpty ? "INSTANCE_IP" : variable))
                valueFrom:
                  fieldRef:
                    fieldPath: status.podIP
            """
    }

    private var nodeMounts: String {
        guard config.ebpf.enabled.value else { return "" }
        return """
              - name: \(Self.cgroupVolume)
                mountPath: \(Self.cgroupPath)
              - name: \(Self.bpfVolume)
                mountPath: \(ConfigurationKey.quoted(bpffsPath))
                mountPropagation: Bidirectional
            """
    }

    private var nodeVolumes: String {
        guard config.ebpf.enabled.value else { return "" }
        return """
            - name: \(Self.cgroupVolume)
              hostPath:
                path: \(Self.cgroupPath)
                type: Directory
            - name: \(Self.bpfVolume)
              hostPath:
                path: \(ConfigurationKey.quoted(bpffsPath))
                type: Directory
            """
    }

    private static let cgroupVolume = "tproxy-cgroup"
    private static let bpfVolume = "tproxy-bpf"
    private static let cgroupPath = "/sys/fs/cgroup"

    /// The configured path of the BPF file system, which is the system's by default.
    private var bpffsPath: String {
        let path = config.ebpf.bpffsPath.value
        return path == TproxyConfig().ebpf.bpffsPath.value ? "/sys/fs/bpf" : path
    }

    /// Whether an image can be written between double quotes.
    static func isImage(_ text: String) -> Bool {
        (1...512).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
    }
}
