import Addressing
import LinuxHost
import IptablesRules

/// Changes of the first place that can be changed; nil if there is none.
extension LoweredForIptables {
    func changingTable(_ change: (inout TableContent) -> Bool) -> Self? {
        for family in AddressFamily.allCases {
            var tables = self[family] ?? []
            for index in tables.indices where change(&tables[index]) {
                var changed = self
                changed[family] = tables
                return changed
            }
        }
        return nil
    }

    func removing(_ isMeant: ([String]) -> Bool) -> Self? {
        changingTable { content in
            if let index = content.own.lastIndex(where: { isMeant($0.spelling) }) {
                content.own.remove(at: index)
                return true
            }
            guard let index = content.hooked.lastIndex(where: { isMeant($0.spelling) }) else {
                return false
            }
            content.hooked.remove(at: index)
            return true
        }
    }

    /// `change` returns other words for those of a rule.
    func changingWords(_ change: ([String]) -> [String]?) -> Self? {
        changingTable { content in
            for index in content.hooked.indices {
                guard let words = change(content.hooked[index].spelling) else { continue }
                content.hooked[index].spelling = words
                return true
            }
            for index in content.own.indices {
                guard let words = change(content.own[index].spelling) else { continue }
                content.own[index].spelling = words
                return true
            }
            return false
        }
    }

    /// The same at every place: one of several overlapping members alone may change nothing.
    func changingAllWords(_ change: ([String]) -> [String]?) -> Self? {
        let changed = mapValues { tables in
            tables.map { content in
                var content = content
                for index in content.hooked.indices {
                    content.hooked[index].spelling =
                        change(content.hooked[index].spelling) ?? content.hooked[index].spelling
                }
                for index in content.own.indices {
                    content.own[index].spelling =
                        change(content.own[index].spelling) ?? content.own[index].spelling
                }
                return content
            }
        }
        return changed == self ? nil : changed
    }

    /// `change` returns another value for one of the options.
    func changingValue(of options: [String], _ change: (String) -> String?) -> Self? {
        changingWords { Self.changing($0, options, change) }
    }

    /// The same at every place.
    func changingEveryValue(of options: [String], _ change: (String) -> String?) -> Self? {
        changingAllWords { Self.changing($0, options, change) }
    }

    private static func changing(
        _ words: [String], _ options: [String], _ change: (String) -> String?
    ) -> [String]? {
        for index in words.indices.dropLast() where options.contains(words[index]) {
            guard let value = change(words[index + 1]) else { continue }
            var changed = words
            changed[index + 1] = value
            return changed
        }
        return nil
    }

    struct NotLoaded: Error {
        let reason: String
    }

    /// Replaces everything that is loaded, with iptables-nft.
    func load() throws {
        for family in AddressFamily.allCases {
            let program = "/usr/sbin/\(family == .ipv4 ? "iptables" : "ip6tables")-nft-restore"
            let empty = "*raw\nCOMMIT\n*mangle\nCOMMIT\n*nat\nCOMMIT\n"
            let added = Transaction(removing: FamilyState(), adding: self[family] ?? [], nil).text
            for (options, text) in [([], empty), (["--noflush"], added)] {
                let run = try ToolRun(program, options, input: text)
                guard run.status == 0 else { throw NotLoaded(reason: run.errors) }
            }
        }
    }
}

extension [String] {
    /// The words without `count` of them from `index` on.
    func without(_ index: Int, _ count: Int) -> [String] {
        Array(self[..<index] + self[(index + count)...])
    }
}
