package import Addressing
package import RuleIR

/// Reads one rule of an iptables filter table, option by option.
struct FilterRuleReader {
    let rule: FilterRule
    let unnamedSets: [NamedSet]

    /// An option with its values, such as `! -i lo` or `--tcp-flags SYN,ACK SYN`.
    private struct Option {
        var isNegated: Bool
        var name: String
        var values: [String]
    }

    init(_ saved: SavedRule, chains: Set<String>) {
        let rule = saved.rule
        var reading = Reading()
        for option in Self.options(rule.header + rule.extensions) { reading.read(option) }
        self.rule = FilterRule(
            number: saved.number,
            text: RestoreText.line(saved.words), matches: reading.matches,
            conditions: reading.conditions, isComplete: reading.isComplete,
            effect: Self.effect(of: rule, chains))
        unnamedSets = reading.unnamedSets
    }

    /// Splits words into options: each word that begins with a dash, with the words after it as
    /// values.
    private static func options(_ words: [String]) -> [Option] {
        var options: [Option] = []
        var isNegated = false
        for word in words {
            if word == "!" {
                isNegated = true
            } else if word.hasPrefix("-") {
                options.append(Option(isNegated: isNegated, name: word, values: []))
                isNegated = false
            } else if !options.isEmpty {
                options[options.count - 1].values.append(word)
            }
        }
        return options
    }

    private static func effect(of rule: IptablesRule, _ chains: Set<String>) -> FilterRule.Effect {
        guard let option = rule.target.first, let name = rule.target.dropFirst().first else {
            return .aside
        }
        if chains.contains(name) { return option == "-g" ? .goto(name) : .jump(name) }
        switch OpaqueTarget.effect(of: rule) {
        case .known(.accept): return .accept
        case .known(.action(.drop)): return .drop
        case .known(.action(.return)): return .return
        case .aside: return .aside
        case .known, .translate, .unknown:
            return ["MARK", "CONNMARK", "SET"].contains(name) ? .aside : .unknown
        }
    }

    /// The result of the options read so far.
    private struct Reading {
        var matches: [Match] = []
        var conditions: [FilterCondition] = []
        var unnamedSets: [NamedSet] = []
        var isComplete = true

        /// Options that modify other options and match nothing themselves.
        private static let silent: Set<String> = [
            "--limit-burst", "--hashlimit-burst", "--hashlimit-mode", "--hashlimit-name",
            "--hashlimit-htable-size", "--hashlimit-htable-max", "--hashlimit-htable-expire",
            "--hashlimit-srcmask", "--hashlimit-dstmask", "--connlimit-mask", "--connlimit-saddr",
            "--connlimit-daddr", "--name", "--mask", "--rsource", "--rdest", "--seconds",
            "--hitcount", "--rttl", "--reap", "--loose", "--validmark", "--limit-iface-in",
        ]
        /// Modules that match nothing beyond their options.
        private static let modules: Set<String> = [
            "tcp", "udp", "multiport", "conntrack", "state", "addrtype", "limit", "hashlimit",
            "connlimit", "recent", "owner", "rpfilter", "icmp", "icmp6", "rt", "ah", "esp", "sctp",
        ]
        /// Options that hold for a packet on an idle host, or for the first packet from its source.
        private static let usual: Set<String> = [
            "--limit", "--hashlimit", "--hashlimit-upto", "--connlimit-upto", "--set",
        ]
        private static let unusual: Set<String> = [
            "--hashlimit-above", "--connlimit-above", "--rcheck", "--update", "--remove",
        ]
        /// Options of matches that hold for no TCP or UDP packet.
        private static let ofOtherProtocols: Set<String> = [
            "--icmp-type", "--icmpv6-type", "--rt-type", "--ahspi", "--espspi", "--chunk-types",
        ]

        mutating func read(_ option: Option) {
            let value = option.values.first ?? ""
            if option.name == "-m" {
                isComplete = isComplete && Self.modules.contains(value)
                return
            }
            guard !Self.silent.contains(option.name) else { return }
            if Self.usual.contains(option.name) {
                return add(.usual, option.isNegated)
            }
            if Self.unusual.contains(option.name) { return add(.usual, !option.isNegated) }
            if Self.ofOtherProtocols.contains(option.name) {
                return add(.transport(["other"]), false)
            }
            if let condition = subject(option, value) { return add(condition, option.isNegated) }
            // rpfilter's `--invert` matches packets whose source has no return route.
            if option.name == "--invert" { return add(.usual, true) }
            guard readAsOwnRule(option) else {
                isComplete = false
                return
            }
        }

        private mutating func add(_ subject: FilterCondition.Subject, _ isNegated: Bool) {
            conditions.append(FilterCondition(subject, isNegated: isNegated))
        }

        private func subject(_ option: Option, _ value: String) -> FilterCondition.Subject? {
            let words = WordSet(value.lowercased().split(separator: ",").map(String.init))
            switch option.name {
            case "-p": return value == "all" ? nil : .transport([value.lowercased()])
            case "-i": return InterfacePattern(value).map { .inputInterface([$0]) }
            case "-o": return InterfacePattern(value).map { .outputInterface([$0]) }
            case "--ctstate", "--state", "--ctstatus": return .connection(words)
            case "--ctdir": return .direction(value.lowercased())
            case "--dst-type": return .destinationType(words)
            case "--src-type": return .sourceType(words)
            case "--sport", "--sports", "--source-ports":
                return Self.ports(value).map { .sourcePort($0) }
            case "--dport", "--dports", "--destination-ports":
                return Self.ports(value).map { .destinationPort($0) }
            case "--tcp-flags" where option.values.count == 2:
                return .tcpFlags(
                    mask: Self.flags(option.values[0]), set: Self.flags(option.values[1]))
            case "--syn":
                return .tcpFlags(mask: ["fin", "syn", "rst", "ack"], set: ["syn"])
            case _: return nil
            }
        }

        private static func flags(_ text: String) -> WordSet {
            switch text {
            case "NONE": []
            case "ALL": ["fin", "syn", "rst", "psh", "ack", "urg"]
            case _: WordSet(text.lowercased().split(separator: ",").map(String.init))
            }
        }

        private static func ports(_ text: String) -> [PortRange]? {
            var ranges: [PortRange] = []
            for part in text.split(separator: ",") {
                let ends = part.split(separator: ":", omittingEmptySubsequences: false)
                guard let first = ends.first.flatMap({ Port($0) }),
                    let last = ends.last.flatMap({ Port($0) }), ends.count <= 2,
                    let range = PortRange(first, last)
                else { return nil }
                ranges.append(range)
            }
            return ranges
        }

        /// Reads an option with the reader for our own rules; returns whether that understands it.
        private mutating func readAsOwnRule(_ option: Option) -> Bool {
            let words = (option.isNegated ? ["!"] : []) + [option.name] + option.values
            let reader = SavedRuleReader(
                SavedRule(
                    chain: "", number: 1, packets: 0, bytes: 0, words: words,
                    rule: IptablesRule(extensions: words, target: ["-j", "ACCEPT"])))
            guard case .readable(let read) = reader.entry else { return false }
            matches += read.matches
            unnamedSets += reader.unnamedSets
            return true
        }
    }
}

extension FilterTable {
    /// Creates the table that iptables-save(8) printed.
    package init(_ saved: SavedTable, _ tool: Tool, _ family: AddressFamily) {
        let byChain = saved.rulesByChain
        let names = Set(saved.chains)
        var sets: Set<NamedSet> = []
        let chains = saved.chains.map { name in
            let rules = (byChain[name] ?? []).map { rule in
                let reading = FilterRuleReader(rule, chains: names)
                sets.formUnion(reading.unnamedSets)
                return reading.rule
            }
            return FilterChain(
                name, base: HookAttachment(builtIn: name, saved.table).map(LoadedChain.Base.init),
                dropsAtEnd: saved.policies[name] == "DROP", rules: rules)
        }
        self.init(
            tool: tool, family: family == .ipv4 ? .ip : .ip6, name: saved.table, chains: chains,
            sets: sets.sorted { $0.name.text < $1.name.text })
    }
}
