import RuleIR

/// Compares the rules of one chain.
///
/// Equal rules are paired. The smallest number of them whose removal leaves the rest in order are
/// the moved ones. Unpaired rules on both sides of one gap are a change if they are similar.
struct RuleComparison {
    private let loaded: [ListedEntry]
    private let planned: [ListedEntry]
    /// The index of the equal loaded rule, for each planned rule.
    private var partners: [Int?]
    /// Whether each loaded rule is paired.
    private var isPaired: [Bool]
    /// Whether each planned rule keeps its position.
    private var stays: [Bool]

    /// Creates a comparison of rules in a form in which equal rules have equal meaning.
    init(loaded: [ListedEntry], planned: [ListedEntry]) {
        self.loaded = loaded
        self.planned = planned
        var places: [ListedEntry: [Int]] = [:]
        for (index, entry) in loaded.enumerated().reversed() {
            places[entry, default: []].append(index)
        }
        isPaired = Array(repeating: false, count: loaded.count)
        partners = planned.map { places[$0]?.popLast() }
        for case let partner? in partners { isPaired[partner] = true }
        stays = Array(repeating: false, count: planned.count)
        let paired = partners.indices.filter { partners[$0] != nil }
        let order = paired.compactMap { partners[$0] }
        for index in LongestIncreasing.indices(of: order) { stays[paired[index]] = true }
    }

    /// Returns the differences, described with the rules as listed.
    func differences(
        _ loadedEntries: [ListedEntry], _ plannedEntries: [ListedEntry]
    ) -> [RuleDifference] {
        var differences: [RuleDifference] = []
        var next = 0
        var gap = Gap()
        for (index, entry) in plannedEntries.enumerated() {
            guard let partner = partners[index] else {
                gap.planned.append(index)
                continue
            }
            guard stays[index] else {
                gap.moved.append(.moved(entry, from: partner + 1, to: index + 1))
                continue
            }
            gap.loaded = (next..<partner).filter { !isPaired[$0] }
            differences += close(gap, loadedEntries, plannedEntries)
            gap = Gap()
            next = partner + 1
        }
        gap.loaded = (next..<loaded.count).filter { !isPaired[$0] }
        return differences + close(gap, loadedEntries, plannedEntries)
    }

    /// The rules between two that stay.
    private struct Gap {
        var loaded: [Int] = []
        var planned: [Int] = []
        var moved: [RuleDifference] = []
    }

    private func close(
        _ gap: Gap, _ loadedEntries: [ListedEntry], _ plannedEntries: [ListedEntry]
    ) -> [RuleDifference] {
        var differences: [RuleDifference] = []
        var rest = gap.loaded[...]
        for index in gap.planned {
            let alike = rest.firstIndex { Self.isAlike(loaded[$0], planned[index]) }
            guard let alike else {
                differences.append(.added(plannedEntries[index], at: index + 1))
                continue
            }
            for former in rest[..<alike] {
                differences.append(.removed(loadedEntries[former], at: former + 1))
            }
            differences.append(
                .changed(
                    from: loadedEntries[rest[alike]], to: plannedEntries[index], at: index + 1))
            rest = rest[(alike + 1)...]
        }
        differences += rest.map { .removed(loadedEntries[$0], at: $0 + 1) }
        return differences + gap.moved
    }

    /// Whether one rule is a modification of the other: two of matches, effect and reason are
    /// equal.
    private static func isAlike(_ one: ListedEntry, _ other: ListedEntry) -> Bool {
        switch (one, other) {
        case (.readable(let one), .readable(let other)):
            let agreements = [
                one.matches == other.matches, one.effect == other.effect,
                one.comment != nil && one.comment == other.comment,
            ]
            return agreements.count { $0 } >= 2
        case (.native(let one), .readable(let other)):
            return one.comment != nil && one.comment == other.comment
        case (.readable, .native), (.native, .native): return false
        }
    }
}

/// Finds the longest ordered part of a sequence.
enum LongestIncreasing {
    /// Returns the indices of a longest strictly increasing subsequence, by patience sorting.
    static func indices(of values: [Int]) -> [Int] {
        // The index of the smallest value that ends an increasing run of each length.
        var ends: [Int] = []
        var previous: [Int?] = Array(repeating: nil, count: values.count)
        for (index, value) in values.enumerated() {
            var low = 0
            var high = ends.count
            while low < high {
                let middle = (low + high) / 2
                if values[ends[middle]] < value { low = middle + 1 } else { high = middle }
            }
            previous[index] = low > 0 ? ends[low - 1] : nil
            if low == ends.count { ends.append(index) } else { ends[low] = index }
        }
        var chain: [Int] = []
        var next = ends.last
        while let index = next {
            chain.append(index)
            next = previous[index]
        }
        return chain.reversed()
    }
}
