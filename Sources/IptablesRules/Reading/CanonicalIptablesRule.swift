import Addressing

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
