/// Network configurations as network plugins lay them out, each in its own style.
enum NetworkFixtures {
    /// Two spaces, three plugins, a line end at the end.
    static let calico = """
        {
          "name": "k8s-pod-network",
          "cniVersion": "0.3.1",
          "plugins": [
            {
              "type": "calico",
              "log_level": "info",
              "log_file_path": "/var/log/calico/cni/cni.log",
              "datastore_type": "kubernetes",
              "nodename": "node-1",
              "mtu": 0,
              "ipam": {"type": "calico-ipam", "assign_ipv4": "true"},
              "policy": {"type": "k8s"},
              "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}
            },
            {
              "type": "portmap",
              "snat": true,
              "capabilities": {"portMappings": true}
            },
            {"type": "bandwidth", "capabilities": {"bandwidth": true}}
          ]
        }

        """

    /// Two plugins, no line end at the end.
    static let flannel = """
        {
          "name": "cbr0",
          "cniVersion": "1.0.0",
          "plugins": [
            {
              "type": "flannel",
              "delegate": {
                "hairpinMode": true,
                "isDefaultGateway": true
              }
            },
            {
              "type": "portmap",
              "capabilities": {
                "portMappings": true
              }
            }
          ]
        }
        """

    /// One plugin, and tabs and spaces mixed.
    static let cilium =
        "\n{\n  \"cniVersion\": \"0.3.1\",\n  \"name\": \"cilium\",\n"
        + "  \"plugins\": [\n\t{\n\t   \"type\": \"cilium-cni\",\n\t   \"enable-debug\": false,\n"
        + "\t   \"log-file\": \"/var/run/cilium/cilium-cni.log\"\n\t}\n  ]\n}\n"

    /// One line, and strings with brackets, quotes and escapes.
    static let compact =
        #"{"cniVersion":"1.1.0","name":"a","plu\u0067ins":[{"type":"ptp","x":"]}\",[\\"},{"type":"tuning"}],"z":[[1],{}]}"#

    static let windowsLines = calico.split(separator: "\n", omittingEmptySubsequences: false)
        .joined(separator: "\r\n")

    static let lists = [calico, flannel, cilium, compact, windowsLines]

    /// A plugin without a list.
    static let plain = """
        {
            "cniVersion": "0.4.0",
            "name": "mynet",
            "type": "bridge",
            "bridge": "cni0",
            "ipam": {"type": "host-local", "subnet": "10.22.0.0/16"}
        }

        """
}
