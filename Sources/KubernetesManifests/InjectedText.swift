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
    static func container(image: String) -> [String] {
        """
        - name: \(containerName)
          image: "\(image)"
          command: ["/usr/bin/kumactl", "install", "transparent-proxy"]
          args: ["--config=/tmp/transparent-proxy/base/config.yaml"]
          securityContext:
            runAsUser: 0
            runAsGroup: 0
            runAsNonRoot: false
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: ["ALL"]
              add: ["NET_ADMIN"]
          resources:
            requests:
              cpu: 20m
              memory: 20M
            limits:
              memory: 50M
          volumeMounts:
          - name: \(volumeName)
            mountPath: /tmp/transparent-proxy/base
            readOnly: true
        """.split(separator: "\n").map(String.init)
    }

    /// The volume with the configuration, as an item of a list.
    static let volume: [String] = """
        - name: \(volumeName)
          downwardAPI:
            items:
            - path: config.yaml
              fieldRef:
                fieldPath: metadata.annotations['\(configurationName)']
        """.split(separator: "\n").map(String.init)

    /// Whether an image can be written between double quotes.
    static func isImage(_ text: String) -> Bool {
        (1...512).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
    }
}
