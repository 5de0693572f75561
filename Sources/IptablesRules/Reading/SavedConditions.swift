import Addressing
import RuleIR

/// Reads the matches of an iptables rule, option by option.
struct SavedConditions {
    private(set) var matches: [Match] = []
    private(set) var conditions: [FilterCondition] = []
    private(set) var unnamedSets: [NamedSet] = []
    /// Whether `matches` and `conditions` are all matches of the rule.
    private(set) var isComplete = true
    /// Whether what matches of ours express becomes a match and not a condition.
    private let asMatches: Bool

    /// An option with its values, such as `! -i lo` or `--tcp-flags SYN,ACK SYN`.
    private struct Option {
        /// The module of the last `-m` before the option.
        var module: String
        var isNegated: Bool
        var name: String
        var values: [String]
    }

    init(of rule: IptablesRule, asMatches: Bool) {
        self.asMatches = asMatches
        for option in Self.options(rule.header + rule.extensions) { read(option) }
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
                let module = options.last { $0.name == "-m" }?.values.first ?? ""
                options.append(
                    Option(module: module, isNegated: isNegated, name: word, values: []))
                isNegated = false
            } else if !options.isEmpty {
                options[options.count - 1].values.append(word)
            }
        }
        return options
    }

    /// Options that modify other options and match nothing themselves.
    private static let silent: Set<String> = [
        "--limit-burst", "--hashlimit-burst", "--hashlimit-mode", "--hashlimit-name",
        "--hashlimit-htable-size", "--hashlimit-htable-max", "--hashlimit-htable-expire",
        "--hashlimit-srcmask", "--hashlimit-dstmask", "--connlimit-mask", "--connlimit-saddr",
        "--connlimit-daddr", "--name", "--mask", "--rsource", "--rdest", "--seconds",
        "--hitcount", "--rttl", "--reap", "--loose", "--validmark", "--limit-iface-in",
        "--nfacct-name", "--probability", "--every", "--packet",
    ]
    /// Modules that match nothing beyond their options.
    private static let modules: Set<String> = [
        "tcp", "udp", "multiport", "conntrack", "state", "addrtype", "limit", "hashlimit",
        "connlimit", "recent", "owner", "rpfilter", "icmp", "icmp6", "rt", "ah", "esp", "sctp",
        "mark", "connmark", "statistic", "nfacct", "iprange",
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

    private mutating func read(_ option: Option) {
        let value = option.values.first ?? ""
        if option.name == "-m" {
            isComplete = isComplete && Self.modules.contains(value)
            return
        }
        guard !Self.silent.contains(option.name) else { return }
        if Self.usual.contains(option.name) { return add(.usual, option.isNegated) }
        if Self.unusual.contains(option.name) { return add(.usual, !option.isNegated) }
        if Self.ofOtherProtocols.contains(option.name) {
            return add(.transport(["other"]), false)
        }
        if asMatches, readAsOwnRule(option) { return }
        if let condition = subject(option, value) { return add(condition, option.isNegated) }
        // rpfilter's `--invert` matches packets whose source has no return route.
        if option.name == "--invert" { return add(.usual, true) }
        if !asMatches, readAsOwnRule(option) { return }
        isComplete = false
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
        case "--ports": return Self.ports(value).map(Self.eitherPort)
        case "--mark":
            guard let test = MarkTest(value) else { return nil }
            return option.module == "connmark" ? .connectionMark(test) : .mark(test)
        case "--mode" where option.module == "statistic": return .random
        case "--src-range": return Self.addresses(value).map { .source($0) }
        case "--dst-range": return Self.addresses(value).map { .destination($0) }
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

    private static func eitherPort(_ ranges: [PortRange]) -> FilterCondition.Subject {
        .oneOf(
            [.sourcePort(ranges), .destinationPort(ranges)].map {
                .init(matches: [], conditions: [FilterCondition($0)])
            })
    }

    private static func addresses(_ text: String) -> [IPPrefix]? {
        let ends = text.split(separator: "-").compactMap { IPAddress(String($0)) }
        guard ends.count == 2 else { return nil }
        return AddressRange(ends[0], ends[1])?.prefixes
    }

    /// Reads an option with the reader for our own rules; returns whether that understands it.
    private mutating func readAsOwnRule(_ option: Option) -> Bool {
        let words = (option.isNegated ? ["!"] : []) + [option.name] + option.values
        guard let read = SavedRuleReader.matches(of: IptablesRule(extensions: words)) else {
            return false
        }
        matches += read.matches
        unnamedSets += read.unnamedSets
        return true
    }
}
