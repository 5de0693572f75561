import Diagnostics
import LinuxHost
import RuleIR
import TproxyConfig
import TproxyOperations

/// The sources of a configuration.
struct ConfigurationSources {
    /// The values of `--config` and `--config-file`; one may list several files with commas.
    var config: [String]
    var configFile: [String]
    /// The path of a Dataplane resource of Kuma.
    var dataplane: String? = nil
    var allowsUnknownKeys: Bool
    /// The flags of Kuma's that were given.
    var flags: [FlagValue]
    /// Whether a dry run prints a script, as kumactl's does.
    var printsScript = false
    /// The value of `--backend`.
    var backend: BackendChoice? = nil

    /// Reads and merges all sources; prints warnings, throws all errors together.
    func load() throws -> TproxyConfig { try read().config }

    /// Reads and merges all sources as `load` does; the result has the printed diagnostics.
    func read() throws -> ConfigurationReading {
        let reading = try ConfigurationReading(
            files: paths, usesOldFlag: !configFile.isEmpty, dataplane: dataplane,
            environment: ProcessEnvironment.variables, flags: flags,
            allowUnknownKeys: allowsUnknownKeys)
        if printsScript, reading.config.dryRun.value { Console.commentDiagnostics() }
        // The flags of eBPF are for this backend, however it was asked for.
        let isEBPF = backend?.placement == .sockets
        Console.report(reading.notices.filter { !isEBPF || $0.id != "for-ebpf" })
        return reading
    }

    /// Whether a flag asks for a dry run, whatever the other sources say.
    var givesDryRun: Bool {
        flags.contains { $0.name == "--dry-run" && $0.values.last?.lowercased() != "false" }
    }

    /// The names of all flags that were given.
    var givenFlags: [String] {
        (config.isEmpty ? [] : ["--config"]) + (configFile.isEmpty ? [] : ["--config-file"])
            + (dataplane == nil ? [] : ["--dataplane"])
            + (allowsUnknownKeys ? ["--allow-unknown-keys"] : []) + flags.map(\.name)
    }

    /// The configuration files, in order; a configuration may stand in place of a path.
    var paths: [String] {
        (configFile + config).flatMap { value in
            ConfigurationReading.isText(value)
                ? [value] : value.split(separator: ",").map(String.init)
        }
    }
}

extension ConfigurationSources {
    /// The options in the form that `PlainWords` reads.
    static let plainOptions: [(name: String, kind: PlainWords.Kind)] =
        [
            ("--config", .list), ("--config-file", .list), ("--dataplane", .value),
            ("--allow-unknown-keys", .flag),
        ] + plainFlags

    init(_ words: PlainWords) {
        config = words.values(of: "--config")
        configFile = words.values(of: "--config-file")
        dataplane = words.value(of: "--dataplane")
        allowsUnknownKeys = words.has("--allow-unknown-keys")
        flags = Self.plainFlags.compactMap { name, _ in
            words.has(name) ? FlagValue(name: name, values: words.values(of: name)) : nil
        }
    }

    /// The flags whose value may be omitted.
    static let toggles = Set(plainFlags.filter { $0.kind == .toggle }.map(\.name))

    /// Returns the arguments with `--verbose=false` split into `--verbose false`.
    ///
    /// ArgumentParser 1.8.2 reads `--verbose=false --wait 5` as `--verbose --wait 5`: it drops the
    /// joined value of an option whose value is optional, if another option follows.
    static func separatingToggleValues(_ arguments: [String]) -> [String] {
        arguments.flatMap { word in
            guard let end = word.firstIndex(of: "="), toggles.contains(String(word[..<end])) else {
                return [word]
            }
            let value = word[word.index(after: end)...]
            guard !value.isEmpty, !value.hasPrefix("-") else { return [word] }
            return [String(word[..<end]), String(value)]
        }
    }

    /// Kuma's flags, in the order of `ConfigurationOptions`.
    private static let plainFlags: [(name: String, kind: PlainWords.Kind)] = [
        ("--kuma-dp-user", .value), ("--ip-family-mode", .value), ("--redirect-inbound", .toggle),
        ("--redirect-inbound-port", .value), ("--exclude-inbound-ports", .value),
        ("--exclude-inbound-ips", .list), ("--redirect-inbound-insert-instead-of-append", .toggle),
        ("--redirect-outbound-port", .value), ("--exclude-outbound-ports", .value),
        ("--exclude-outbound-ports-for-uids", .list), ("--exclude-outbound-ips", .list),
        ("--redirect-outbound-insert-instead-of-append", .toggle), ("--redirect-dns", .toggle),
        ("--redirect-all-dns-traffic", .toggle), ("--redirect-dns-port", .value),
        ("--skip-dns-conntrack-zone-split", .toggle), ("--vnet", .list),

        ("--max-retries", .value), ("--sleep-between-retries", .value), ("--wait", .value),
        ("--wait-interval", .value), ("--iptables-executables", .list),
        ("--iptables-logs", .toggle), ("--disable-comments", .toggle),
        ("--drop-invalid-packets", .toggle), ("--store-firewalld", .toggle),
        ("--dry-run", .toggle), ("--verbose", .toggle),

        ("--ebpf-enabled", .toggle), ("--ebpf-instance-ip", .value),
        ("--ebpf-bpffs-path", .value), ("--ebpf-cgroup-path", .value),
        ("--ebpf-programs-source-path", .value), ("--ebpf-tc-attach-iface", .value),

        ("--kuma-dp-uid", .value), ("--redirect-inbound-port-v6", .value),
        ("--skip-resolv-conf", .toggle), ("--kuma-cp-ip", .value),
        ("--redirect-dns-upstream-target-chain", .value),
        ("--exclude-outbound-tcp-ports-for-uids", .list),
        ("--exclude-outbound-udp-ports-for-uids", .list),
        ("--experimental-transparent-proxy-engine", .toggle),
    ]
}
