import Addressing
import Diagnostics
import FirewalldExporter
import IptablesRules
import NftablesBackend
import RuleIR
import TproxyOperations

/// A file with the rules of a host.
struct RulesetFile {
    enum Format: String, Encodable {
        case iptablesSave = "iptables-save"
        case nft = "nft-json"
        case direct = "direct-xml"
    }

    var name: String
    var format: Format
    var rules: FoundRules
    /// What had to be assumed.
    var warnings: [Diagnostic] = []

    /// Reads a file in the form that its content shows.
    init(_ file: InputFile) throws(OperationFailure) {
        name = file.name
        // No other character ends a line, whatever Unicode says: a comment may hold any.
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
            rules = FoundRules([])
            try readSaved(lines)
        } else {
            throw OperationFailure(.unknownRulesetFormat(file.name))
        }
    }

    /// Each table by itself: a file may hold both families' one behind the other.
    private mutating func readSaved(_ lines: [Substring]) throws(OperationFailure) {
        var block: [Substring] = []
        var family: AddressFamily?
        for line in lines {
            if line.hasPrefix("#"), line.contains("tables") {
                family = line.contains("ip6tables") ? .ipv6 : .ipv4
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
        _ lines: [Substring], _ told: AddressFamily?
    ) throws(OperationFailure) {
        let shown = Self.family(of: lines)
        if told == nil, shown == nil {
            warnings.append(.assumedFamily(name, table: lines.first.map(String.init) ?? ""))
        }
        do {
            let saved = try SavedText(lines.joined(separator: "\n"))
            rules.tables += ReadBack.tables(saved, told ?? shown ?? .ipv4)
        } catch {
            throw OperationFailure(.unreadableRuleset(name, because: error.reason))
        }
    }

    /// The family of the first address in a table.
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
