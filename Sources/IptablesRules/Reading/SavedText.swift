package import Addressing
import TextSearch

/// The parsed output of iptables-save(8).
package struct SavedText {
    /// A table that the tool can't show, or a line that can't be parsed.
    package struct Unreadable: Error, Hashable {
        package var reason: String
    }

    package private(set) var tables: [SavedTable] = []
    /// Whether the last table is complete; the output of an interrupted program isn't.
    package private(set) var isWhole = true
    /// The maximum length of a name of a table or a chain; the kernel's is 32
    /// (`XT_TABLE_MAXNAMELEN`).
    ///
    /// Every rule stores both names.
    private static let maximumName = 128

    /// The number of rules read so far, by chain.
    private var counts: [String: Int] = [:]
    /// The chains of the current table.
    private var chains: Set<String> = []

    /// Parses the text; throws at the first line that isn't understood, because a skipped rule
    /// would be missing.
    package init(_ text: String) throws(Unreadable) {
        // Only these characters end a line; a comment may contain Unicode's other line separators.
        for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            try read(line)
        }
    }

    package func table(_ name: IptablesTable) -> SavedTable? {
        tables.first { $0.table == name.rawValue }
    }

    private mutating func read(_ line: Substring) throws(Unreadable) {
        switch line.first {
        case "#":
            // The tool exits with 0 all the same.
            if line.contains(text: "incompatible") {
                throw Unreadable(
                    reason: line.dropFirst().trimmingSpaces
                        + " (rules that iptables can't express are in it)")
            }
        case "*":
            let name = String(line.dropFirst()).trimmingSpaces
            try check(name: name)
            tables.append(SavedTable(table: name))
            isWhole = false
            counts = [:]
            chains = []
        case ":":
            let words = line.dropFirst().split(separator: " ").map(String.init)
            guard !tables.isEmpty else { throw Unreadable(reason: "a chain outside of a table") }
            guard let name = words.first else { throw Unreadable(reason: "a chain without a name") }
            try check(name: name)
            if chains.insert(name).inserted { tables[tables.count - 1].chains.append(name) }
            if words.count > 1, words[1] != "-" {
                tables[tables.count - 1].policies[name] = words[1]
            }
        case "[", "-": try readRule(line)
        case "C" where line.trimmingSpaces == "COMMIT": isWhole = true
        case _:
            guard line.trimmingSpaces.isEmpty || line.trimmingSpaces == "COMMIT" else {
                throw Unreadable(reason: "'\(line.prefix(60))' is not a line of iptables-save")
            }
        }
    }

    private func check(name: String) throws(Unreadable) {
        guard name.utf8.count <= Self.maximumName else { throw Unreadable(reason: "a long name") }
    }

    private mutating func readRule(_ line: Substring) throws(Unreadable) {
        guard !tables.isEmpty else { throw Unreadable(reason: "a rule outside of a table") }
        var rest = line
        var traffic: [UInt64] = [0, 0]
        if line.first == "[", let end = line.firstIndex(of: "]") {
            traffic = line[line.index(after: line.startIndex)..<end].split(separator: ":")
                .map { UInt64($0) ?? 0 }
            rest = line[line.index(after: end)...]
        }
        let words = try ShellWords.split(rest)
        guard words.count >= 2, words[0] == "-A", traffic.count == 2 else {
            throw Unreadable(reason: "'\(line.prefix(60))' is not a rule")
        }
        try check(name: words[1])
        // iptables-save(8) declares every chain before its rules. Text from another program may
        // not; such rules still count.
        if chains.insert(words[1]).inserted { tables[tables.count - 1].chains.append(words[1]) }
        counts[words[1], default: 0] += 1
        let behind = Array(words.dropFirst(2))
        tables[tables.count - 1].rules.append(
            SavedRule(
                chain: words[1], number: counts[words[1]] ?? 1, packets: traffic[0],
                bytes: traffic[1], words: behind,
                rule: IptablesRule(words: behind)))
    }
}

/// Splits words as iptables-save(8) quotes them, with double quotes and backslashes.
package enum ShellWords {
    package static func split(_ line: Substring) throws(SavedText.Unreadable) -> [String] {
        var words: [String] = []
        var word = ""
        var isWord = false
        var isQuoted = false
        var isEscaped = false
        for character in line {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
                isWord = true
            } else if character == "\"" {
                isQuoted.toggle()
                isWord = true
            } else if character == " ", !isQuoted {
                if isWord { words.append(word) }
                word = ""
                isWord = false
            } else {
                word.append(character)
                isWord = true
            }
        }
        guard !isQuoted, !isEscaped else {
            throw SavedText.Unreadable(reason: "'\(line.prefix(60))' ends inside quotes")
        }
        if isWord { words.append(word) }
        return words
    }
}

extension StringProtocol {
    /// The text without spaces at both ends.
    package var trimmingSpaces: String {
        var text = self[...]
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}

/// A table as `iptables-save -c` prints it.
package struct SavedTable: Hashable, Sendable {
    package var table: String
    /// All chains, including the built-in ones.
    package var chains: [String] = []
    /// The policy of each built-in chain, `ACCEPT` or `DROP`.
    package var policies: [String: String] = [:]
    package var rules: [SavedRule] = []

    /// The rules by chain, in order.
    package var rulesByChain: [String: [SavedRule]] { Dictionary(grouping: rules, by: \.chain) }

    /// The ports that rules translate to another address.
    package var publishedPorts: [Port] {
        let ports = rules.compactMap { saved -> Port? in
            let words = saved.rule.extensions
            guard saved.rule.target.dropFirst().first == "DNAT",
                let option = words.firstIndex(of: "--dport"), option + 1 < words.count,
                option == 0 || words[option - 1] != "!"
            else { return nil }
            return Port(words[option + 1])
        }
        return Set(ports).sorted()
    }

    /// Returns the rules of one chain, in order.
    package func rules(of chain: String) -> [SavedRule] {
        rules.filter { $0.chain == chain }
    }
}

/// A rule as printed, with its parsed form.
package struct SavedRule: Hashable, Sendable {
    package var chain: String
    /// The 1-based position in the chain.
    package var number: Int
    package var packets: UInt64
    package var bytes: UInt64
    /// The words after `-A CHAIN`, as printed.
    package var words: [String]
    package var rule: IptablesRule
}
