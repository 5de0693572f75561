package import Addressing
package import RuleIR
import TextSearch

/// Writes documents for iptables-restore(8) and ip6tables-restore(8) with `--noflush`.
package struct RestoreText {
    private let isVerbose: Bool

    package init(isVerbose: Bool) {
        self.isVerbose = isVerbose
    }

    /// Returns the tables of one family, as Kuma's dry run prints them.
    package func document(_ tables: [TableContent]) -> String {
        tables.map(table).joined(separator: isVerbose ? "\n\n" : "\n") + "\n"
    }

    private func table(_ content: TableContent) -> String {
        let heading = "* \(content.table.rawValue)"
        let made = content.chains.map { line(["-N", $0]) }
        let rules = hooked(content) + own(content)
        guard isVerbose else {
            return ([heading] + made + rules + ["COMMIT"]).joined(separator: "\n")
        }
        let parts = [
            [heading], made.isEmpty ? [] : ["# Custom Chains:"] + made, ["# Rules:"] + rules,
            ["COMMIT"],
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
            .joined(separator: "\n\n")
    }

    /// Returns the lines for built-in chains; inserted rules are numbered from 1 to keep their
    /// order.
    private func hooked(_ content: TableContent) -> [String] {
        content.hooked.insertionNumbered.map { line($0) }
    }

    private func own(_ content: TableContent) -> [String] {
        // Grouped by chain, in the order of creation.
        content.chains.flatMap { chain in
            content.own.filter { $0.chain == chain }.map {
                line(["-A", $0.chain] + $0.spelling)
            }
        }
    }

    private func line(_ words: [String]) -> String {
        RestoreText.line(isVerbose ? words.map { Self.longNames[$0] ?? $0 } : words)
    }

    /// Returns the words as one line, quoted where the tools require it.
    package static func line(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"")
                    && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\\")
            }
        guard !isPlain else { return word }
        let escaped = word.replacing(text: "\\", with: "\\\\")
            .replacing(text: "\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    private static let longNames = [
        "-N": "--new-chain", "-A": "--append", "-I": "--insert", "-s": "--source",
        "-d": "--destination", "-i": "--in-interface", "-o": "--out-interface",
        "-p": "--protocol", "-m": "--match", "-j": "--jump", "--dport": "--destination-port",
        "--sport": "--source-port",
    ]
}

extension [PlacedRule] {
    /// The words of each rule: `-I CHAIN n …` or `-A CHAIN …`.
    package var insertionNumbered: [[String]] {
        var inserted: [String: Int] = [:]
        return map { placed in
            guard placed.isInserted else { return ["-A", placed.chain] + placed.spelling }
            inserted[placed.chain, default: 0] += 1
            return ["-I", placed.chain, "\(inserted[placed.chain] ?? 1)"] + placed.spelling
        }
    }
}

/// Emits rulesets as documents for iptables-restore(8), without side effects.
package struct IptablesEmitter: RulesetEmitter {
    package struct Output: Hashable, Sendable {
        /// The document of each redirected family, for its tool with `--noflush`.
        package var documents: [AddressFamily: String]
        /// The SHA-256 of the canonical rules, which `status` shows.
        package var digest: String

        /// The documents of both families under headings, as Kuma's dry run prints them.
        package var text: String {
            AddressFamily.allCases.compactMap { family in
                documents[family].map { "### \(family.displayName) ###\n\n\($0)" }
            }.joined(separator: "\n")
        }
    }

    private let isVerbose: Bool

    /// Creates an emitter; `isVerbose` selects long option names and headings.
    package init(isVerbose: Bool = false) {
        self.isVerbose = isVerbose
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Output {
        try ruleset.check()
        try ruleset.checkForIptables()
        let text = RestoreText(isVerbose: isVerbose)
        var documents: [AddressFamily: String] = [:]
        for family in ruleset.families {
            documents[family] = text.document(FamilyLowering.tables(of: ruleset, family))
        }
        return Output(documents: documents, digest: Self.digest(of: ruleset))
    }

    /// Returns the documents that load the rules where none of ours are, with their identity.
    ///
    /// Each is for the tool of its family with `--noflush`. `owned` are the prerequisites that were
    /// made for the rules.
    package static func loading(
        _ ruleset: Ruleset, version: String, owning owned: [HostPrerequisite]
    ) throws(RulesetProblem) -> [(family: AddressFamily, text: String)] {
        try ruleset.check()
        try ruleset.checkForIptables()
        let ownership = OwnershipChain(
            version: version, rulesDigest: digest(of: ruleset), ownedPrerequisites: owned)
        return AddressFamily.allCases.compactMap { family in
            let document = Transaction(
                removing: FamilyState(), adding: FamilyLowering.tables(of: ruleset, family),
                ownership)
            return document.isEmpty ? nil : (family, document.text)
        }
    }

    /// Returns the digest of both families, including one that isn't redirected.
    package static func digest(of ruleset: Ruleset) -> String {
        FamilyState.digest(
            AddressFamily.allCases.map {
                FamilyState.canonicalRules(FamilyLowering.tables(of: ruleset, $0))
            })
    }
}
