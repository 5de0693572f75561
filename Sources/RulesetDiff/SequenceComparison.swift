/// One step from an old list to a new one; numbers are indices into the lists.
enum SequenceEdit: Hashable {
    case added(new: Int)
    case removed(old: Int)
    /// The element changes its position relative to the elements that stay.
    case moved(old: Int, new: Int)
    /// The element replaces a similar one.
    case changed(old: Int, new: Int)
}

/// Compares two lists of rules.
///
/// Equal elements are paired. The smallest number of them whose removal leaves the rest in order
/// are the moved ones. Unpaired elements on both sides of one gap are a change if they are similar.
struct SequenceComparison<Element: Hashable> {
    private let old: [Element]
    private let new: [Element]
    private let isAlike: (Element, Element) -> Bool
    /// The index of the equal old element, for each new one.
    private var partners: [Int?]
    /// Whether each old element is paired.
    private var isPaired: [Bool]
    /// Whether each new element keeps its position.
    private var stays: [Bool]

    /// Creates a comparison; equal elements must have equal meaning.
    init(_ old: [Element], _ new: [Element], isAlike: @escaping (Element, Element) -> Bool) {
        self.old = old
        self.new = new
        self.isAlike = isAlike
        var places: [Element: [Int]] = [:]
        for (index, element) in old.enumerated().reversed() {
            places[element, default: []].append(index)
        }
        isPaired = Array(repeating: false, count: old.count)
        partners = new.map { places[$0]?.popLast() }
        for case let partner? in partners { isPaired[partner] = true }
        stays = Array(repeating: false, count: new.count)
        let paired = partners.indices.filter { partners[$0] != nil }
        let order = paired.compactMap { partners[$0] }
        for index in LongestIncreasing.indices(of: order) { stays[paired[index]] = true }
    }

    /// The edits, in the combined order of both lists.
    var edits: [SequenceEdit] {
        var edits: [SequenceEdit] = []
        var next = 0
        var gap = Gap()
        for index in new.indices {
            guard let partner = partners[index] else {
                gap.new.append(index)
                continue
            }
            guard stays[index] else {
                gap.moved.append(.moved(old: partner, new: index))
                continue
            }
            gap.old = (next..<partner).filter { !isPaired[$0] }
            edits += close(gap)
            gap = Gap()
            next = partner + 1
        }
        gap.old = (next..<old.count).filter { !isPaired[$0] }
        return edits + close(gap)
    }

    /// The elements between two that stay.
    private struct Gap {
        var old: [Int] = []
        var new: [Int] = []
        var moved: [SequenceEdit] = []
    }

    private func close(_ gap: Gap) -> [SequenceEdit] {
        var edits: [SequenceEdit] = []
        var rest = gap.old[...]
        for index in gap.new {
            guard let alike = rest.firstIndex(where: { isAlike(old[$0], new[index]) }) else {
                edits.append(.added(new: index))
                continue
            }
            for former in rest[..<alike] { edits.append(.removed(old: former)) }
            edits.append(.changed(old: rest[alike], new: index))
            rest = rest[(alike + 1)...]
        }
        return edits + rest.map { .removed(old: $0) } + gap.moved
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
