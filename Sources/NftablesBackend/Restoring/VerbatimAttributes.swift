import CMnl

// Attributes as the kernel sent them, for a message that sends them back.
extension AttributeList {
    /// Calls `body` with the type and the words of each attribute, header included.
    func forEachVerbatim(_ body: (UInt32, ArraySlice<UInt32>) -> Void) {
        var place = words.startIndex
        while place < words.endIndex {
            let length = Int(words[place] & 0xFFFF)
            let end = place + (length + 3) / 4
            guard length >= 4, end <= words.endIndex else { return }
            body(words[place] >> 16 & 0x3FFF, words[place..<end])
            place = end
        }
    }

    /// Returns the attributes of these names, in the kernel's order.
    func verbatim(_ names: [some MessageWriter.Name]) -> [UInt32] {
        let types = Set(names.map(\.rawValue))
        var kept: [UInt32] = []
        forEachVerbatim { type, words in
            if types.contains(type) { kept += words }
        }
        return kept
    }
}

/// The attributes of each object that a transaction may set: those that the kernel reports, without
/// handles, use counts, and what it computes.
enum SettableAttributes {
    static let table = [NFTA_TABLE_NAME, NFTA_TABLE_FLAGS, NFTA_TABLE_USERDATA]
    static let object = [NFTA_OBJ_TABLE, NFTA_OBJ_NAME, NFTA_OBJ_TYPE, NFTA_OBJ_DATA]
    static let set = [
        NFTA_SET_TABLE, NFTA_SET_NAME, NFTA_SET_FLAGS, NFTA_SET_KEY_TYPE, NFTA_SET_KEY_LEN,
        NFTA_SET_DATA_TYPE, NFTA_SET_DATA_LEN, NFTA_SET_POLICY, NFTA_SET_DESC, NFTA_SET_TIMEOUT,
        NFTA_SET_GC_INTERVAL, NFTA_SET_USERDATA, NFTA_SET_OBJ_TYPE, NFTA_SET_EXPR,
        NFTA_SET_EXPRESSIONS,
    ]
    static let element = [
        NFTA_SET_ELEM_KEY, NFTA_SET_ELEM_DATA, NFTA_SET_ELEM_FLAGS, NFTA_SET_ELEM_TIMEOUT,
        NFTA_SET_ELEM_EXPIRATION, NFTA_SET_ELEM_USERDATA, NFTA_SET_ELEM_EXPR,
        NFTA_SET_ELEM_OBJREF, NFTA_SET_ELEM_KEY_END, NFTA_SET_ELEM_EXPRESSIONS,
    ]
    static let chain = [
        NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME, NFTA_CHAIN_HOOK, NFTA_CHAIN_POLICY, NFTA_CHAIN_TYPE,
        NFTA_CHAIN_FLAGS, NFTA_CHAIN_USERDATA,
    ]
    static let rule = [NFTA_RULE_TABLE, NFTA_RULE_CHAIN, NFTA_RULE_COMPAT, NFTA_RULE_USERDATA]
}

/// The expressions of a rule, with counters at zero.
///
/// The counts of two readings differ, and a rule that is loaded again begins to count anew.
struct UncountedExpressions {
    private(set) var words: [UInt32]

    /// Creates the attribute NFTA_RULE_EXPRESSIONS, header included.
    init(_ attribute: ArraySlice<UInt32>) {
        words = Array(attribute)
        for item in Self.attributes(of: words, in: 1..<words.count) {
            let parts = Self.attributes(of: words, in: (item.start + 1)..<item.end)
            let name = AttributeList(words[(item.start + 1)..<item.end])[NFTA_EXPR_NAME]?.text
            guard name == "counter",
                let data = parts.first(where: { $0.type == NFTA_EXPR_DATA.rawValue })
            else { continue }
            for part in Self.attributes(of: words, in: (data.start + 1)..<data.end) {
                for place in (part.start + 1)..<part.end { words[place] = 0 }
            }
        }
    }

    private static func attributes(
        of words: [UInt32], in range: Range<Int>
    ) -> [(type: UInt32, start: Int, end: Int)] {
        var found: [(type: UInt32, start: Int, end: Int)] = []
        AttributeList(words[range]).forEachVerbatim { type, slice in
            found.append((type, slice.startIndex, slice.endIndex))
        }
        return found
    }
}
