import Addressing
package import RuleIR

/// The arguments of one iptables rule after `-A CHAIN`.
package struct IptablesRule: Hashable, Sendable {
    /// The options `-s`, `-d`, `-i`, `-o` and `-p`, in the order in which iptables-save(8) prints
    /// them.
    package var header: [String] = []
    /// The match extensions, `-m …`.
    package var extensions: [String] = []
    /// The target, `-j …`; empty for a rule without an action.
    package var target: [String] = []
    /// The text of the comment; nil if there is none.
    package var comment: String?

    /// Everything except the comment; equal for two rules with the same effect.
    package var meaning: [String] { header + extensions + target }

    /// The arguments for the tools; as in Kuma's rules, the comment is the first match.
    package var arguments: [String] { Self.arguments(comment, meaning) }

    static func arguments(_ comment: String?, _ meaning: [String]) -> [String] {
        (comment.map { ["-m", "comment", "--comment", $0] } ?? []) + meaning
    }
}

/// A rule of ours, with the rule of the IR that it comes from.
package struct PlacedRule: Hashable, Sendable {
    /// Whether the rule precedes those of other programs (`-I`) or follows them (`-A`).
    package var isInserted: Bool
    package var chain: String
    /// The rule as the tools list it.
    package var rule: IptablesRule
    /// The arguments after `-A CHAIN` as Kuma writes them.
    package var spelling: [String]
    package var location: RuleLocation
    package var rationale: Rationale
}

/// The contents of one table of one family.
package struct TableContent: Hashable, Sendable {
    package var table: IptablesTable
    /// The chains to create, in order.
    package var chains: [String] = []
    /// The rules of built-in chains, in order.
    package var hooked: [PlacedRule] = []
    /// The rules of our chains, in order.
    package var own: [PlacedRule] = []

    package var isEmpty: Bool { chains.isEmpty && hooked.isEmpty }
}

extension IptablesRule {
    /// Parses the words after `-A CHAIN`, as any version of the tools prints them.
    ///
    /// Versions and flavours differ in the order of options and in `6` for `tcp`. Two rules with
    /// the same meaning are equal after parsing.
    package init(words: [String]) {
        self.init()
        var options: [String: [String]] = [:]
        var negation: [String] = []
        var index = words.startIndex
        func value() -> String {
            index + 1 < words.endIndex ? words[index + 1] : ""
        }
        while index < words.endIndex {
            let word = words[index]
            switch word {
            case "!":
                negation = ["!"]
                index += 1
                continue
            case "-s", "-d", "-i", "-o", "-p":
                options[word] = negation + [word, Self.normalValue(of: word, value())]
                index += 2
            case "-m" where value() == "comment":
                index += 2
                if index < words.endIndex, words[index] == "--comment" {
                    comment = value()
                    index += 2
                }
            case "-j", "-g":
                target = Array(words[index...])
                index = words.endIndex
            case _:
                extensions += negation + [word]
                index += 1
            }
            negation = []
        }
        header = ["-s", "-d", "-i", "-o", "-p"].flatMap { options[$0] ?? [] }
        self = normalized
    }

    /// The rule without options that state a default.
    package var normalized: IptablesRule {
        var rule = self
        // The default level of LOG is 4 (warning); the tools don't print it.
        if target.first == "-j", target.dropFirst().first == "LOG",
            let level = target.firstIndex(of: "--log-level"), level + 1 < target.count,
            target[level + 1] == "4"
        {
            rule.target.removeSubrange(level...(level + 1))
        }
        // The tools don't print a block that contains every address, unless it is negated.
        for option in ["-s", "-d"] {
            guard let index = rule.header.firstIndex(of: option), index + 1 < rule.header.count,
                rule.header[index + 1].hasSuffix("/0"),
                index == 0 || rule.header[index - 1] != "!"
            else { continue }
            rule.header.removeSubrange(index...(index + 1))
        }
        return rule
    }

    private static func normalValue(of option: String, _ value: String) -> String {
        switch option {
        case "-p":
            switch value {
            case "6": "tcp"
            case "17": "udp"
            case _: value
            }
        case "-s", "-d": IPPrefix(value).map { RuleExpansion.text($0) } ?? value
        case _: value
        }
    }
}

/// The comments on rules.
package enum IptablesComment {
    /// Kuma's prefix, by which tproxy and kumactl recognize each other's rules.
    package static let prefix = "kuma/mesh/transparent/proxy/"
    /// The maximum length: `XT_MAX_COMMENT_LEN` is 256 including the terminating zero; Kuma cuts at
    /// 254.
    private static let maximum = 254

    package static func text(_ rationale: Rationale) -> String {
        String("\(prefix)\(rationale.reason) [\(rationale.key)]".prefix(maximum))
    }

    /// Returns the rationale in a comment with Kuma's prefix; any other comment as its reason.
    static func rationale(_ comment: String?) -> Rationale {
        guard let comment, comment.hasPrefix(prefix) else {
            return Rationale(comment ?? "no comment", key: "")
        }
        return Rationale(comment: String(comment.dropFirst(prefix.count)))
    }
}
