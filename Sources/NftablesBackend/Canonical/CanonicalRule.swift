/// The canonical form of a rule, independent of how and in what order nft compiled its matches.
///
/// Versions of nft compile the same rule differently: two ports in one comparison or in two, a
/// prefix as leading bytes or as a mask, with or without a match of the family. So the conditions
/// between two effects form a set: the compared header bytes one by one, sorted, without
/// duplicates. Register numbers are left out; they only connect one expression to the next.
struct CanonicalRule {
    /// The comment, the conditions and the effects, without counter values.
    private(set) var bytes: [UInt8] = []
    private var conditions: Set<[UInt8]> = []
    private var loaded: [Loaded] = []
    /// A range of which only the lower bound was seen: the loaded key and its first value.
    private var rangeStart: (key: [UInt8], first: [UInt8])?

    /// A value that was loaded and not yet compared.
    private struct Loaded {
        var source: [UInt8]
        var field: PayloadField?
        var mask: [UInt8]?
    }

    init(_ expressions: some Sequence<ListedExpression>, comment: String?) {
        append([UInt8](comment?.utf8 ?? "".utf8))
        for expression in expressions {
            switch expression {
            case .known(let known): add(known)
            case .other(let words): effect("other", words.flatMap(\.hostBytes))
            }
        }
        endRun()
    }

    init(_ rule: NftRule) {
        self.init(
            RuleCompilation(rule.statements).expressions.lazy.map { .known($0) },
            comment: rule.comment)
    }

    private mutating func add(_ expression: Expression) {
        switch expression {
        case .meta(let key, _): loaded.append(Loaded(source: Array("m".utf8) + key.networkBytes))
        case .connection(let key, _):
            loaded.append(Loaded(source: Array("c".utf8) + key.networkBytes))
        case .payload(let field, _):
            let source = [field.base, field.offset, field.length].flatMap(\.networkBytes)
            loaded.append(Loaded(source: Array("p".utf8) + source, field: field))
        case .mask(_, let mask): change { $0.mask = mask }
        case .networkOrder(_, let length, _):
            // A single byte has no byte order.
            if length > 1 { change { $0.source += Array("n".utf8) } }
        case .compare(_, .is, let value): compare(value, isNegated: false)
        case .compare(_, .isNot, let value): compare(value, isNegated: true)
        case .compare(_, .isAtLeast, let value):
            endRange()
            rangeStart = (loadedKey, value)
            loaded = []
        case .compare(_, .isAtMost, let value):
            // With nothing loaded, the upper bound belongs to the value whose lower bound was
            // compared.
            if loaded.isEmpty, let start = rangeStart {
                rangeStart = nil
                range(start.key, start.first, value, isNegated: false)
            } else {
                condition("<=", loadedKey + [0] + value)
            }
        case .range(_, let first, let last, let isNegated):
            range(loadedKey, first, last, isNegated: isNegated)
        case .lookup(_, let set, let isNegated):
            condition(isNegated ? "not in" : "in", Array(set.utf8) + [0] + loadedKey)
        case .counter: effect("counter", [])
        case .log(let prefix, let level): effect("log", Array(prefix.utf8) + level.networkBytes)
        case .value(_, let value): effect("value", value)
        case .verdict(let code, let chain):
            effect("verdict", UInt32(bitPattern: code).networkBytes + Array((chain ?? "").utf8))
        case .redirect: effect("redirect", [])
        case .setZone: effect("zone", [])
        }
    }

    private mutating func change(_ body: (inout Loaded) -> Void) {
        guard let last = loaded.indices.last else { return }
        body(&loaded[last])
    }

    /// The key of everything that was loaded since the last comparison.
    private var loadedKey: [UInt8] {
        loaded.reduce(into: []) { $0 += $1.source + [0] + ($1.mask ?? []) }
    }

    /// Adds a range, in the same form whether the rule has one expression for it or two.
    private mutating func range(
        _ key: [UInt8], _ first: [UInt8], _ last: [UInt8], isNegated: Bool
    ) {
        condition(isNegated ? "not within" : "within", key + [0] + first + [0] + last)
    }

    /// Adds a lower bound that no upper bound followed.
    private mutating func endRange() {
        guard let start = rangeStart else { return }
        rangeStart = nil
        conditions.insert(Array(">=".utf8) + [0] + start.key + [0] + start.first)
    }

    private mutating func compare(_ value: [UInt8], isNegated: Bool) {
        guard let last = loaded.last, loaded.count == 1, let field = last.field, !isNegated else {
            return condition(isNegated ? "!=" : "==", loadedKey + [0] + value)
        }
        loaded = []
        for (index, byte) in value.enumerated() {
            let mask = last.mask.map { index < $0.count ? $0[index] : 0 } ?? 0xFF
            if mask == 0, byte == 0 { continue }
            let place = [field.base, field.offset + UInt32(index)].flatMap(\.networkBytes)
            conditions.insert(Array("byte".utf8) + place + [mask, byte])
        }
    }

    private mutating func condition(_ name: String, _ value: [UInt8]) {
        loaded = []
        conditions.insert(Array(name.utf8) + [0] + value)
    }

    private mutating func effect(_ name: String, _ value: [UInt8]) {
        endRun()
        append(Array(name.utf8) + [0] + value)
    }

    private mutating func endRun() {
        endRange()
        loaded = []
        for condition in conditions.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            append(condition)
        }
        conditions = []
    }

    /// Appends a part after its length, so that different lists of parts have different bytes.
    private mutating func append(_ part: [UInt8]) {
        bytes += UInt32(part.count).networkBytes + part
    }
}
