import RuleIR
import TproxyOperations

/// The arguments of a command line that has only options by their full names, with values.
///
/// ArgumentParser describes every option of a command by reflection before it reads the first
/// argument, which takes longer than loading the rules. It still reads every other command line:
/// help, abbreviations and mistakes.
struct PlainWords {
    enum Kind {
        /// An option without a value, such as `--strict`.
        case flag
        /// An option with a value, `--wait 5` or `--wait=5`, at most once.
        case value
        /// An option with a value, any number of times.
        case list
        /// An option whose value may be omitted: `--verbose` for `--verbose=true`, at most once.
        case toggle
    }

    private var given: [String: [String]] = [:]

    /// Returns nil if an argument isn't one of `kinds`, or is ambiguous.
    init?(_ words: some Collection<String>, _ kinds: [(name: String, kind: Kind)]) {
        let kinds = Dictionary(kinds.map { ($0.name, $0.kind) }) { first, _ in first }
        var rest = words[...]
        while let word = rest.popFirst() {
            let end = word.utf8.firstIndex(of: UInt8(ascii: "=")) ?? word.endIndex
            let name = String(word[..<end])
            guard let kind = kinds[name] else { return nil }
            let value: String
            if end < word.endIndex {
                value = String(word[word.utf8.index(after: end)...])
                guard kind != .flag, !value.isEmpty else { return nil }
            } else {
                let isValueNext = rest.first.map { !$0.hasPrefix("-") } ?? false
                switch kind {
                case .flag:
                    guard !isValueNext else { return nil }
                    value = ""
                case .toggle:
                    // Only ArgumentParser decides whether the next argument is the option's value.
                    guard !isValueNext else { return nil }
                    value = "true"
                case .value, .list:
                    guard isValueNext, let next = rest.popFirst(), !next.isEmpty else { return nil }
                    value = next
                }
            }
            guard kind == .list || given[name] == nil else { return nil }
            given[name, default: []].append(value)
        }
    }

    func has(_ name: String) -> Bool { given[name] != nil }

    func value(of name: String) -> String? { given[name]?.last }

    func values(of name: String) -> [String] { given[name] ?? [] }

    /// Returns the value of an option that accepts certain texts only.
    ///
    /// Returns `absent` if the option is missing, nil if `read` rejects its text.
    func value<Value>(of name: String, _ absent: Value, _ read: (String) -> Value?) -> Value? {
        guard let text = value(of: name) else { return absent }
        return read(text)
    }
}

extension PlainWords {
    /// The options of `ScreenOptions`.
    static let screenOptions: [(name: String, kind: Kind)] = [
        ("--quiet", .flag), ("--color", .value),
    ]

    /// Whether ArgumentParser would accept the values of `ScreenOptions`.
    var areScreenOptionsValid: Bool {
        value(of: "--color", ColorChoice.auto) { ColorChoice(rawValue: $0) } != nil
    }
}

/// The options that several commands have; nil for a value that the option doesn't accept.
extension PlainWords {
    var output: OutputFormat? { value(of: "--output", .text) { OutputFormat(rawValue: $0) } }

    var instance: InstanceName? { value(of: "--instance", .mesh) { InstanceName($0) } }

    var firewalldFile: String { value(of: "--firewalld-file") ?? FirewalldStore.standardPath }

    var programs: IptablesPrograms {
        IptablesPrograms(paths: values(of: "--iptables-executables"))
    }
}
