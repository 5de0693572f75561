import Addressing
package import Diagnostics
import FirewalldExporter
import IptablesRules
import NftablesBackend
package import RuleIR
import TextSearch

/// A file with the rules of a host.
package struct RulesetFile {
    package enum Format: String {
        case iptablesSave = "iptables-save"
        case nft = "nft-json"
        case direct = "direct-xml"
    }

    package var name: String
    package var format: Format
    package var rules: ListedRules
    /// Whether iptables-save(8) printed tables of nf_tables, which nft lists as well.
    var isOfNftables = false
    /// Warnings about assumptions.
    package var warnings: [Diagnostic] = []

    /// Reads a file and detects its form.
    package init(_ file: InputFile) throws(OperationFailure) {
        name = file.name
        // Only these characters end a line; a comment may contain Unicode's other line separators.
        let lines = file.text.split { $0 == "\n" || $0 == "\r\n" }
        if file.text.drop(while: \.isWhitespace).first == "{" {
            format = .nft
            do {
                rules = try NftListing.read(file.text)
            } catch {
                throw OperationFailure(.unreadableRuleset(file.name, because: error.reason))
            }
        } else if file.text.drop(while: \.isWhitespace).first == "<" {
            format = .direct
            do {
                rules = try DirectRules.read(file.text)
            } catch {
                throw OperationFailure(.malformedDirectRules(file.name, error))
            }
            warnings = [.directRulesAlone(file.name)]
        } else if lines.contains(where: { $0.hasPrefix("*") }) {
            format = .iptablesSave
            rules = ListedRules([])
            try readSaved(lines)
        } else {
            throw OperationFailure(.unknownRulesetFormat(file.name))
        }
    }

    /// Reads each table separately: a file may contain those of both families in sequence.
    private mutating func readSaved(_ lines: [Substring]) throws(OperationFailure) {
        var block: [Substring] = []
        var family: AddressFamily?
        for line in lines {
            if line.hasPrefix("#"), line.contains(text: "tables") {
                family = line.contains(text: "ip6tables") ? .ipv6 : .ipv4
                if line.contains(text: "(nf_tables)") { isOfNftables = true }
            }
            if line.hasPrefix("*") { block = [] }
            block.append(line)
            if line == "COMMIT" {
                try readTable(block, family)
                block = []
            }
        }
        guard !block.contains(where: { $0.hasPrefix("*") }) else {
            throw OperationFailure(
                .unreadableRuleset(name, because: "its last table doesn't end in COMMIT"))
        }
    }

    private mutating func readTable(
        _ lines: [Substring], _ declared: AddressFamily?
    ) throws(OperationFailure) {
        let detected = Self.family(of: lines)
        if declared == nil, detected == nil {
            warnings.append(.assumedFamily(name, table: lines.first.map(String.init) ?? ""))
        }
        do {
            let saved = try SavedText(lines.joined(separator: "\n"))
            rules.tables += ReadBack.tables(saved, declared ?? detected ?? .ipv4)
        } catch {
            throw OperationFailure(.unreadableRuleset(name, because: error.reason))
        }
    }

    /// Returns the family of the first address in a table.
    private static func family(of lines: [Substring]) -> AddressFamily? {
        for line in lines {
            let words = line.split(separator: " ")
            for (option, value) in zip(words, words.dropFirst())
            where ["-s", "-d", "--to-destination"].contains(option) {
                return value.contains(":") && !value.contains(".") ? .ipv6 : .ipv4
            }
        }
        return nil
    }
}

// Diagnostics about files with rules.
extension Diagnostic {
    static func unreadableRuleset(_ name: String, because reason: String) -> Diagnostic {
        .error(
            id: "unreadable-ruleset", "'\(name)' can't be read as rules: \(reason)",
            help: "write it with 'iptables-save', 'ip6tables-save' or 'nft -j list ruleset'")
    }

    static func unknownRulesetFormat(_ name: String) -> Diagnostic {
        .error(
            id: "unknown-ruleset-format", "'\(name)' holds no rules in a known format",
            help: "give the output of iptables-save or 'nft -j list ruleset', or a direct.xml")
    }

    static func assumedFamily(_ name: String, table: String) -> Diagnostic {
        .warning(
            id: "assumed-family",
            "'\(name)' doesn't say whether its table '\(table)' is of IPv4 or IPv6; taking IPv4",
            help: "keep the comment that iptables-save and ip6tables-save print before it")
    }

    static func tiedChains() -> Diagnostic {
        .warning(
            id: "tied-chains", "two chains have the same hook and priority",
            notes: ["the one listed later is assumed to run first"])
    }

    static func malformedDirectRules(_ name: String, _ problem: DirectFileProblem) -> Diagnostic {
        let place = problem.place
        return .error(
            id: "unreadable-ruleset", "'\(name)' is not a direct.xml that firewalld can read",
            at: SourceLocation(
                source: name, line: place.line, column: place.column,
                excerpt: .init(line: place.text, column: place.column, length: 1)),
            help: "correct it here")
    }

    static func hiddenExtensions(_ table: String) -> Diagnostic {
        Diagnostic(
            .note, id: "hidden-extensions",
            "nft doesn't list what the extensions of iptables in table \(table) match or do",
            help: "give the output of iptables-save and ip6tables-save as well, with --ruleset")
    }

    static func directRulesAlone(_ name: String) -> Diagnostic {
        Diagnostic(
            .note, id: "direct-rules-alone",
            "'\(name)' holds direct rules only, without firewalld's own rules",
            help: "for all rules of the host, give the output of 'nft -j list ruleset'")
    }
}
