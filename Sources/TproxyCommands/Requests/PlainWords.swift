/// The words of a command line that are options by their full names, each with its value.
///
/// ArgumentParser describes every option of a command by reflection before it reads the first word, which
/// takes longer than to load the rules. What isn't plain is left to it: help, abbreviations and mistakes.
struct PlainWords {
    enum Kind {
        /// `--strict`.
        case flag
        /// `--wait 5` or `--wait=5`, once.
        case value
        /// As `value`, any number of times.
        case list
        /// `--verbose` for `--verbose=true`, once.
        case toggle
    }

    private var given: [String: [String]] = [:]

    /// Nil if a word isn't one of `kinds`, or not plainly so.
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
                    // Whether a word belongs to the flag is ArgumentParser's to say.
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

    /// The value of an option that takes some texts only: `absent` without the option, nil for another text.
    func value<Value>(of name: String, _ absent: Value, _ read: (String) -> Value?) -> Value? {
        guard let text = value(of: name) else { return absent }
        return read(text)
    }
}
