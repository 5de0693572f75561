import JSON
import RuleIR

/// Reads verdict maps and other maps: an effect for each key.
struct MapReader {
    let sets: ForeignSets

    /// Returns the effect of a lookup of `key`; nil if the map or one of its keys is unknown.
    ///
    /// `effect` reads a value of the map.
    func effect(
        _ key: JSONValue, _ data: JSONValue, _ matches: inout MatchReader,
        reading effect: (JSONValue) -> OpaqueRule.Effect?
    ) -> OpaqueRule.Effect? {
        guard let elements = sets.elements(ofMap: data) else { return nil }
        if ForeignMatch.isRandom(key) { return random(key, elements, reading: effect) }
        let reader = ForeignMatch(sets: sets)
        var branches: [OpaqueRule.Branch] = []
        var rest: OpaqueRule.Effect?
        for (value, result) in elements {
            // It holds for keys that no other element has.
            if value == "*" {
                guard let read = effect(result) else { return nil }
                rest = read
                continue
            }
            guard let alternative = reader.alternative(key, is: value, &matches),
                let read = effect(result)
            else { return nil }
            branches.append(OpaqueRule.Branch(alternative, read))
        }
        if let rest {
            let others = FilterCondition(.oneOf(branches.map(\.key)), isNegated: true)
            branches.append(OpaqueRule.Branch(.init(matches: [], conditions: [others]), rest))
        }
        return .byKey(branches)
    }

    /// Returns the effects of which one is chosen, such as the targets of `numgen random mod 3`.
    private func random(
        _ key: JSONValue, _ elements: [(key: JSONValue, value: JSONValue)],
        reading effect: (JSONValue) -> OpaqueRule.Effect?
    ) -> OpaqueRule.Effect? {
        var effects: [OpaqueRule.Effect] = []
        var count = 0
        for (value, result) in elements {
            guard let read = effect(result), let numbers = Self.count(of: value) else { return nil }
            count += numbers
            if !effects.contains(read) { effects.append(read) }
        }
        let modulus = (key["numgen"] ?? key["jhash"] ?? key["symhash"])?["mod"]?.number
        // A number that the map lacks has no effect.
        if modulus == nil || count < modulus ?? 0 { effects.append(.aside) }
        return effects.count == 1 ? effects[0] : .oneOf(effects)
    }

    /// The number of values of a key: one number, or a range.
    private static func count(of key: JSONValue) -> Int? {
        if key.number != nil { return 1 }
        guard let ends = key["range"]?.array, ends.count == 2, let first = ends[0].number,
            let last = ends[1].number, first <= last, last - first < Int(UInt32.max)
        else { return nil }
        return last - first + 1
    }
}
