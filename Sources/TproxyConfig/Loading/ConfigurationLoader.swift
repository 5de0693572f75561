package import Diagnostics

/// Merges defaults, files, environment and flags; later sources override earlier ones.
///
/// A list from a later source replaces the earlier list. The loader checks every source, even if a
/// later one overrides it, and reports all problems together.
package struct ConfigurationLoader {
    /// The merged configuration and all diagnostics; the configuration is valid only without
    /// errors.
    package struct Loaded: Sendable {
        package var config: TproxyConfig
        package var diagnostics: [Diagnostic]
    }

    private var config = TproxyConfig()
    private var diagnostics: [Diagnostic] = []
    private let allowUnknownKeys: Bool

    /// Loads a configuration from `files`, `environment` and `flags`, in this order.
    ///
    /// Only the variables named `KUMA_TRANSPARENT_PROXY_*` of `environment` are read.
    package static func load(
        files: [RawDocument], environment: [String: String], flags: [FlagValue],
        allowUnknownKeys: Bool = false
    ) -> Loaded {
        var loader = ConfigurationLoader(allowUnknownKeys: allowUnknownKeys)
        for file in files {
            loader.read(file)
        }
        loader.read(environment)
        loader.read(flags)
        loader.checkTogether()
        return Loaded(config: loader.config, diagnostics: loader.diagnostics)
    }

    private init(allowUnknownKeys: Bool) {
        self.allowUnknownKeys = allowUnknownKeys
    }

    private mutating func read(_ file: RawDocument) {
        var found: [(key: ConfigurationKey, node: RawNode)] = []
        KeyWalk(allowUnknownKeys: allowUnknownKeys).walk(file.entries, &found, &diagnostics)
        for (key, node) in found {
            key.decode(node, &config, &diagnostics)
        }
    }

    private mutating func read(_ environment: [String: String]) {
        let ours = environment.filter { $0.key.hasPrefix(ConfigurationKey.environmentPrefix) }
        guard !ours.isEmpty else { return }
        for key in ConfigurationKey.all {
            guard let text = ours[key.environmentVariable] else { continue }
            let origin = Self.environmentOrigin(key.environmentVariable, text)
            key.decode(RawNode(.scalar(text), from: origin), &config, &diagnostics)
        }
        let names = Set(ConfigurationKey.all.map(\.environmentVariable))
        let unknown = ours.keys.filter { !names.contains($0) }
        for name in unknown.sorted() {
            diagnostics.append(
                .unknownVariable(
                    name, at: Self.environmentOrigin(name, environment[name] ?? ""),
                    // A diagnostic beyond the number shown needs no suggestion.
                    near: diagnostics.count < Diagnostic.shownAtOnce
                        ? nearestName(to: name, among: names) : nil))
        }
    }

    private mutating func read(_ flags: [FlagValue]) {
        guard !flags.isEmpty else { return }
        for key in ConfigurationKey.all {
            guard let flag = flags.first(where: { $0.name == key.flag }) else { continue }
            read(flag, as: key)
        }
        for deprecated in DeprecatedFlag.all {
            guard let flag = flags.first(where: { $0.name == deprecated.name }) else { continue }
            read(flag, as: deprecated)
        }
        if let all = flags.first(where: { $0.name == "--redirect-all-dns-traffic" }) {
            let origin = Self.flagOrigin(all.name, all.values.last ?? "")
            if flags.contains(where: { $0.name == "--redirect-dns" }) {
                diagnostics.append(.bothDNSFlags(at: origin))
            } else if config.redirect.dns.captureAll.value {
                config.redirect.dns.enabled = Setting(true, from: origin)
            }
        }
    }

    private mutating func read(_ flag: FlagValue, as key: ConfigurationKey) {
        let nodes = flag.values.map {
            RawNode(.scalar($0), from: Self.flagOrigin(flag.name, $0))
        }
        guard let last = nodes.last else { return }
        guard key.isList, nodes.count > 1 else {
            // Decode one by one: a later value overrides an earlier one, and programs accumulate.
            for node in nodes { key.decode(node, &config, &diagnostics) }
            return
        }
        // Each item of a repeated flag may itself be a list, as for a single flag.
        key.decode(RawNode(.list(nodes), from: last.origin), &config, &diagnostics)
    }

    private mutating func read(_ flag: FlagValue, as deprecated: DeprecatedFlag) {
        let origin = Self.flagOrigin(flag.name, flag.values.last ?? "")
        diagnostics.append(
            .deprecatedFlag(flag.name, advice: deprecated.advice, at: origin))
        switch deprecated.meaning {
        case .nothing: break
        case .key(let path):
            guard let key = ConfigurationKey.named(path) else { return }
            read(flag, as: key)
        case .ownerExclusion(let prefix):
            guard let key = ConfigurationKey.named("redirect.outbound.excludePortsForUIDs") else {
                return
            }
            let before = config.redirect.outbound.excludePortsForUIDs
            let items = flag.values.map { value in
                RawNode(.scalar(prefix + value), from: Self.flagOrigin(flag.name, value))
            }
            key.decode(RawNode(.list(items), from: origin), &config, &diagnostics)
            // This flag may be combined with its UDP or TCP twin and with
            // --exclude-outbound-ports-for-uids.
            if case .flag = before.origin {
                config.redirect.outbound.excludePortsForUIDs.value.insert(
                    contentsOf: before.value, at: 0)
            }
        }
    }

    /// Checks the rules that involve several keys, after all sources are read.
    private mutating func checkTogether() {
        let owners = config.redirect.inbound.excludePortsForUIDs
        if !owners.value.isEmpty {
            diagnostics.append(.inboundOwners(at: owners.origin))
        }
        let programs = config.iptablesExecutables
        if !programs.value.missing.isEmpty {
            let missing = programs.value.missing.map(\.rawValue).joined(separator: ", ")
            diagnostics.append(.incompleteExecutables(missing, at: programs.origin))
        }
        var names: Set<String> = []
        let chains = [
            config.redirect.inbound.chainName, config.redirect.inbound.redirectChainName,
            config.redirect.outbound.chainName, config.redirect.outbound.redirectChainName,
        ]
        // Chain names that the user set come last, so that the error points at one of them.
        let ordered =
            chains.filter { $0.origin == .builtIn } + chains.filter { $0.origin != .builtIn }
        for chain in ordered where !names.insert(chain.value.text.lowercased()).inserted {
            diagnostics.append(.sameChainName(chain.value.text, at: chain.origin))
        }
        diagnostics += DoubtfulSettings(config).diagnostics
    }

    private static func environmentOrigin(_ name: String, _ text: String) -> Origin {
        .environment(
            SourceLocation(
                source: name,
                excerpt: .init(
                    line: "\(name)=\(text)", column: name.count + 2, length: max(1, text.count))))
    }

    private static func flagOrigin(_ name: String, _ text: String) -> Origin {
        .flag(
            SourceLocation(
                source: name,
                excerpt: .init(
                    line: "\(name) \(text)", column: name.count + 2, length: max(1, text.count))))
    }
}
