package import Diagnostics

/// Merges defaults, files, environment and flags, each winning over those before it.
///
/// A list of a later source replaces the earlier one. Every source is checked, also where a later
/// one wins, and all problems are reported together.
package struct ConfigurationLoader {
    /// The configuration, and everything there is to say; it counts only without errors.
    package struct Loaded: Sendable {
        package var config: TproxyConfig
        package var diagnostics: [Diagnostic]
    }

    private var config = TproxyConfig()
    private var diagnostics: [Diagnostic] = []
    private let allowUnknownKeys: Bool

    /// `environment` may hold anything; only `KUMA_TRANSPARENT_PROXY_*` is looked at.
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
                    // What nobody is shown needs no guess at what was meant.
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
            // One after another: a later value wins, and programs add to each other.
            for node in nodes { key.decode(node, &config, &diagnostics) }
            return
        }
        // Items of a repeated flag may hold several, as the text of a single one may.
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
            // Both flags may be given, and --exclude-outbound-ports-for-uids beside them.
            if case .flag = before.origin {
                config.redirect.outbound.excludePortsForUIDs.value.insert(
                    contentsOf: before.value, at: 0)
            }
        }
    }

    /// What can only be told when every source is read.
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
        // Those that the user chose come last, so that the complaint points at one of them.
        let ordered =
            chains.filter { $0.origin == .builtIn } + chains.filter { $0.origin != .builtIn }
        for chain in ordered where !names.insert(chain.value.text.lowercased()).inserted {
            diagnostics.append(.sameChainName(chain.value.text, at: chain.origin))
        }
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
