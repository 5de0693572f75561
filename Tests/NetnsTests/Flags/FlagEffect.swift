import Testing

/// Two runs of one command that differ by one flag alone.
struct FlagEffect: Sendable, CustomTestStringConvertible {
    /// The command's words, such as `export systemd`.
    var command: String
    /// Such as `--output`.
    var flag: String
    /// Nil for a switch.
    var value: String?
    /// The arguments of both runs.
    var arguments: [String]
    /// Shell commands before each run; `$tproxy` is the program.
    var setUp: String

    init(
        _ command: String, _ flag: String, _ value: String? = nil, with arguments: String = "",
        instead: String? = nil, after setUp: String = ""
    ) {
        self.command = command
        self.flag = flag
        self.value = value
        let own = instead?.split(separator: " ").map(String.init)
        self.arguments =
            (own ?? Self.arguments(of: command))
            + arguments.split(separator: " ").map(String.init)
        self.setUp = setUp
    }

    var testDescription: String { "\(command) \(flag)" }

    /// The commands that take a configuration, with what each needs to run.
    static let configured =
        [
            "plan", "diff", "preflight", "explain", "facts", "apply",
            "install transparent-proxy", "export nftables", "export systemd", "export firewalld",
            "rehearse", "assert",
        ] + ofThisHost

    /// Those whose facts are always this host's, or that need none.
    private static let ofThisHost = [
        "config show", "config check", "validate", "install transparent-proxy-validator",
        "dataplane show",
    ]

    static func arguments(of command: String) -> [String] {
        let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]
        return switch command {
        case "explain": inputs + ["--to", "203.0.113.1:443"]
        case "assert": inputs + ["asserted"]
        case "facts", "config show", "config check", "dataplane show": ["--config", "tproxy.yaml"]
        case "validate", "install transparent-proxy-validator":
            ["--config", "tproxy.yaml", "--kuma-dp-user", "5678"]
        // A unit can't read files that don't survive a reboot.
        case "export systemd": ["--kuma-dp-user", "5678", "--output", "exported"]
        case "export nftables", "export firewalld": inputs + ["--output", "exported"]
        case let other where configured.contains(other): inputs
        default: []
        }
    }
}

extension FlagEffect {
    private static let pod = """
        printf 'kind: Pod\\nmetadata:\\n  name: web\\nspec:\\n  containers:\\n  - name: app\\n' > pod.yaml
        printf '    securityContext:\\n      runAsUser: 1234\\n' >> pod.yaml
        """
    /// The flags of the commands for Kubernetes.
    static let kubernetes: [FlagEffect] = [
        FlagEffect("kube inject", "--image", "a", with: "pod.yaml", after: pod),
        FlagEffect("kube inject", "--cni", with: "pod.yaml", after: pod),
        FlagEffect("kube inject", "--config", "absent.yaml", with: "pod.yaml --cni", after: pod),
        FlagEffect("kube inject", "--sidecar", "app", with: "pod.yaml --cni", after: pod),
        FlagEffect(
            "kube inject", "--allow-unknown-keys", with: "pod.yaml --cni --config unknown.yaml",
            after: pod),
    ]

    /// The flags of the commands for real connections and for Dataplane resources.
    static let connecting: [FlagEffect] =
        ["validate", "install transparent-proxy-validator"].map {
            FlagEffect($0, "--output", "json")
        }
        + [
            FlagEffect(
                "install transparent-proxy-validator", "--validation-server-port", "17006"),
            FlagEffect("dataplane show", "--format", "kubernetes"),
            FlagEffect("dataplane show", "--mesh", "other"),
            FlagEffect("dataplane show", "--name", "web"),
            FlagEffect("dataplane show", "--address", "10.0.0.1"),
        ]

    private static let inputs = "--config tproxy.yaml --facts facts.json"
    private static let loaded = "$tproxy apply \(inputs)"
    private static let loadedByIptables = "\(loaded) --backend iptables-nft"
    private static let absentPrograms =
        "iptables:/absent,iptables-save:/absent,iptables-restore:/absent"
    /// A plan for this host: of another host's facts there is no preflight.
    private static let here = "--kuma-dp-user 5678 --output-file p"

    /// Flags of every command that takes a configuration.
    static let configuration: [FlagEffect] = configured.flatMap { command in
        [
            FlagEffect(command, "--config", "absent.yaml"),
            FlagEffect(command, "--config-file", "absent.yaml"),
            FlagEffect(command, "--dataplane", "absent.yaml"),
            FlagEffect(command, "--allow-unknown-keys", with: "--config unknown.yaml"),
        ]
            + (ofThisHost.contains(command)
                ? [] : [FlagEffect(command, "--facts", "absent.json")])
    }

    /// Flags that name the installation.
    static let instance: [FlagEffect] =
        [
            "plan", "diff", "preflight", "apply", "install transparent-proxy", "export nftables",
            "export systemd", "export firewalld",
        ].map { FlagEffect($0, "--instance", "other", after: $0 == "plan" ? "" : loaded) }
        + [
            FlagEffect(
                "assert", "--instance", "other", with: "--loaded", after: "\(assertions)\(loaded)")
        ]
        + ["status", "remove", "uninstall transparent-proxy"].map {
            FlagEffect($0, "--instance", "other", after: loaded)
        }

    static let loading: [FlagEffect] = ["apply", "install transparent-proxy"].flatMap { command in
        [
            FlagEffect(command, "--backend", "iptables-nft"),
            FlagEffect(command, "--submit", "netlink"),
            FlagEffect(
                command, "--replace-backend", with: "--backend iptables-nft", after: loaded),
            FlagEffect(
                command, "--plan", "p",
                after: "$tproxy plan \(inputs) --exclude-outbound-ports=9 --output-file p"),
            FlagEffect(
                command, "--assert", "asserted", after: "echo 'incoming tcp: dropped' > asserted"),
            FlagEffect(command, "--output", "json"),
            FlagEffect(
                command, "--firewalld-file", "direct.xml",
                with: "--store-firewalld --backend iptables-nft --firewalld-file other.xml"),
            FlagEffect(command, "--strict", after: foreignChain),
            FlagEffect(command, "--no-preflight", after: foreignChain),
        ]
    }

    static let removing: [FlagEffect] =
        ["remove", "uninstall transparent-proxy"].flatMap { command in
            [
                FlagEffect(
                    command, "--iptables-executables", absentPrograms,
                    after: loadedByIptables),
                FlagEffect(command, "--output", "json", after: loaded),
                FlagEffect(command, "--dry-run", after: loaded),
                FlagEffect(
                    command, "--kumactl",
                    after: "iptables -t nat -N KUMA_MESH_INBOUND; "
                        + "iptables -t nat -A PREROUTING -p tcp -j KUMA_MESH_INBOUND"),
                FlagEffect(
                    command, "--store-firewalld", with: "--firewalld-file direct.xml",
                    after: "$tproxy export firewalld \(inputs) --output direct.xml"),
                FlagEffect(
                    command, "--firewalld-file", "direct.xml",
                    with: "--store-firewalld --firewalld-file other.xml",
                    after: "$tproxy export firewalld \(inputs) --output direct.xml"),
                FlagEffect(command, "--ebpf-enabled", after: loaded),
                FlagEffect(command, "--verbose", after: loaded),
                FlagEffect(command, "--ebpf-bpffs-path", "/sys/fs/bpf", after: loaded),
            ]
        }

    static let reviewing: [FlagEffect] = [
        FlagEffect("plan", "--format", "nft"),
        FlagEffect("plan", "--full"),
        FlagEffect("plan", "--family", "ipv6", with: "--format iptables"),
        FlagEffect("plan", "--with-host", with: "--format html"),
        FlagEffect("plan", "--output", "json"),
        FlagEffect(
            "plan", "--against", "direct.xml", with: "--format firewalld",
            after: "echo '<direct></direct>' > direct.xml"),
        FlagEffect("plan", "--output-file", "p"),
        FlagEffect("plan", "--loaded", "none", with: "--output-file p"),
        FlagEffect("plan", "--force", with: "--output-file p", after: "echo mine > p"),
        FlagEffect("plan", "--backend", "iptables-nft"),
        FlagEffect("plan", "--strict", instead: here, after: foreignChain),
        FlagEffect("plan", "--no-preflight", instead: here, after: foreignChain),
        FlagEffect("diff", "--format", "nft-json"),
        FlagEffect("diff", "--output", "json"),
        FlagEffect("diff", "--backend", "iptables-nft"),
        FlagEffect(
            "diff", "--from", "tproxy.yaml",
            instead: "--facts facts.json --to other.yaml", after: otherConfiguration),
        FlagEffect(
            "diff", "--to", "other.yaml",
            instead: "--facts facts.json --from tproxy.yaml", after: otherConfiguration),
        FlagEffect(
            "assert", "--plan", "p", instead: "asserted",
            after: "\(assertions)$tproxy plan \(here) --loaded none"),
        FlagEffect("assert", "--loaded", after: assertions),
        FlagEffect("assert", "--ruleset", "saved", after: "\(assertions)iptables-save > saved"),
        FlagEffect("assert", "--junit", "j.xml", after: assertions),
        FlagEffect("assert", "--output", "json", after: assertions),
        FlagEffect(
            "assert", "--backend", "iptables-nft", with: "--loaded", after: "\(assertions)\(loaded)"
        ),
        FlagEffect("preflight", "--output", "json"),
        FlagEffect("preflight", "--reference"),
        FlagEffect("preflight", "--strict", after: foreignChain),
        FlagEffect("preflight", "--backend", "iptables-nft"),
        FlagEffect("explain", "--direction", "in", with: "--from 198.51.100.1"),
        FlagEffect("explain", "--proto", "udp"),
        FlagEffect("explain", "--uid", "5678"),
        FlagEffect("explain", "--from", "10.0.0.1", with: "--output json"),
        FlagEffect("explain", "--to", "127.0.0.1:443"),
        FlagEffect("explain", "--port", "22", with: "--direction in --from 198.51.100.1"),
        FlagEffect("explain", "--interface", "eth7", with: "--output json"),
        FlagEffect("explain", "--path"),
        FlagEffect("explain", "--flow"),
        FlagEffect(
            "explain", "--packets", "packets", after: "echo out tcp to=10.0.0.1:1 > packets"),
        FlagEffect("explain", "--why", "bypassed"),
        FlagEffect("explain", "--ruleset", "saved", after: "iptables-save > saved"),
        FlagEffect("explain", "--output", "json"),
        FlagEffect("facts", "--output", "text", with: "--kuma-dp-user 5678"),
        FlagEffect("config show", "--output", "json"),
        FlagEffect("config check", "--output", "json"),
        FlagEffect("status", "--output", "json", after: loaded),
        FlagEffect(
            "status", "--iptables-executables", absentPrograms, after: loadedByIptables),
        FlagEffect("rehearse", "--random", "5"),
        FlagEffect("rehearse", "--seed", "7", with: "--random 5 --output json"),
        FlagEffect("rehearse", "--output", "json"),
        FlagEffect(
            "rehearse", "--backend", "iptables-nft",
            with: "--iptables-executables \(absentPrograms)"),
    ]

    static let exporting: [FlagEffect] = ["nftables", "systemd", "firewalld"].flatMap { kind in
        let command = "export \(kind)"
        return [
            FlagEffect(command, "--output", "elsewhere"),
            FlagEffect(
                command, "--remove",
                after: "$tproxy \(command) " + arguments(of: command).joined(separator: " ")),
        ]
            + (kind == "firewalld"
                ? [] : [FlagEffect(command, "--force", after: "echo mine > exported")])
    }

    private static let assertions = "echo 'incoming tcp to port 22: not redirected' > asserted; "
    private static let otherConfiguration = "echo 'wait: 1' > other.yaml"

    /// A foreign chain that the preflight warns of.
    private static let foreignChain = """
        nft 'add table ip other; add chain ip other out { type nat hook output priority -150; }'
        nft add rule ip other out tcp dport 80 redirect to :1
        """

    /// Flags of every command: errors have colours, and results are left out.
    static let screen: [FlagEffect] =
        screened.flatMap { command, arguments in
            [
                FlagEffect(command, "--color", "always", with: "--config absent.yaml"),
                FlagEffect(command, "--quiet", with: arguments, after: loaded),
            ]
            // A document is printed also with --quiet.
            .filter { $0.testDescription != "dataplane show --quiet" }
        }
        + ["status", "remove", "uninstall transparent-proxy"].flatMap { command in
            [
                FlagEffect(command, "--color", "always", with: "--iptables-executables nonsense"),
                FlagEffect(command, "--quiet", after: loaded),
            ]
        }

    private static let screened = configured.map {
        ($0, $0 == "facts" ? "--output text --kuma-dp-user 5678" : "")
    }

    static let all =
        configuration + screen + instance + loading + removing + reviewing + exporting
        + kubernetes + connecting
}
