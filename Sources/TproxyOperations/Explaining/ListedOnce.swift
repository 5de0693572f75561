import Addressing
import RuleIR

/// Finds tables that two programs listed, and keeps the listing that has all details.
///
/// nft lists the tables of iptables-nft too, but of an extension (`xt`) only its name.
enum ListedOnce {
    /// Replaces tables that nft listed by those that iptables-save printed, in the place of the
    /// former.
    static func apply(to files: inout [RulesetFile]) {
        for saved in files.indices where files[saved].isOfNftables {
            for (index, table) in files[saved].rules.tables.enumerated().reversed() {
                guard let place = place(ofNft: table, in: files) else { continue }
                files[place.file].rules.tables[place.table] = table
                files[saved].rules.tables.remove(at: index)
            }
        }
    }

    private static func place(
        ofNft table: ListedTable, in files: [RulesetFile]
    ) -> (file: Int, table: Int)? {
        for file in files.indices where files[file].format == .nft {
            let index = files[file].rules.tables.firstIndex { $0.savedName == table.name }
            if let index { return (file, index) }
        }
        return nil
    }

    /// The names of tables with extensions of which only the name is known.
    static func hidden(in files: [RulesetFile]) -> [String] {
        files.filter { $0.format == .nft }.flatMap(\.rules.tables).filter(\.hidesExtensions)
            .map(\.name)
    }
}

extension ListedTable {
    /// Whether iptables-save(8) printed the table: its name is `nat of IPv4`.
    var isSaved: Bool { families.contains { name.hasSuffix(" of \($0.displayName)") } }

    /// The name that the table has if iptables-save(8) prints it; nil for a table of nft alone.
    fileprivate var savedName: String? {
        let words = name.split(separator: " ")
        guard words.count == 2, ["ip", "ip6"].contains(words[0]), let family = families.first
        else { return nil }
        return "\(words[1]) of \(family.displayName)"
    }

    fileprivate var hidesExtensions: Bool {
        chains.flatMap(\.entries).contains { entry in
            guard case .native(let rule) = entry, !rule.isComplete || rule.effect.isHidden else {
                return false
            }
            let words = rule.text.split(separator: " ")
            return zip(words, words.dropFirst()).contains { $0 == "xt" && $1 == "name" }
        }
    }
}

extension OpaqueRule.Effect {
    /// Whether the listing doesn't show the destination.
    fileprivate var isHidden: Bool { self == .translate(to: nil, nil) }
}
