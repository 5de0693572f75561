/// A few hundred bytes from which the differences of two large sets can be told, if they are few.
///
/// An invertible Bloom lookup table: Goodrich and Mitzenmacher, "Invertible Bloom Lookup Tables", 2011;
/// Eppstein and others, "What's the Difference? Efficient Set Reconciliation without Prior Context", 2011.
/// Each element is added to one cell of each third of the table. One table less the other holds the
/// differences alone; a cell with a single one tells it, which is then taken out of its other cells.
struct SetSketch: Hashable, Sendable {
    struct Cell: Hashable, Sendable {
        /// How many elements are in it, modulo 256.
        var count: UInt8 = 0
        /// The exclusive or of their hashes, a part of each.
        var check: UInt32 = 0
        /// The exclusive or of the elements themselves.
        var first: UInt128 = 0
        var last: UInt128 = 0

        fileprivate mutating func combine(_ other: Cell, subtracting: Bool) {
            count = subtracting ? count &- other.count : count &+ other.count
            check ^= other.check
            first ^= other.first
            last ^= other.last
        }

        fileprivate var isEmpty: Bool { self == Cell() }

        /// The element, if there is one and no other.
        fileprivate var single: ElementRange? {
            guard count == 1 || count == UInt8.max else { return nil }
            let element = ElementRange(first: first, last: last)
            return Cell(element, ElementHash(element)).check == check ? element : nil
        }
    }

    /// What two sets differ in.
    struct Difference: Hashable, Sendable {
        var added: [ElementRange] = []
        var removed: [ElementRange] = []
    }

    /// Room for about forty differences.
    static let cellCount = 81
    private static let third = cellCount / 3

    private(set) var checksum = SetChecksum()
    private(set) var cells: [Cell]

    init(_ elements: [ElementRange]) {
        cells = Array(repeating: Cell(), count: Self.cellCount)
        for element in elements {
            let hash = ElementHash(element)
            checksum.add(hash)
            let cell = Cell(element, hash)
            for index in 0..<3 {
                cells[Self.place(hash, index)].combine(cell, subtracting: false)
            }
        }
    }

    /// Nil for another number of cells than there must be.
    init?(checksum: SetChecksum, cells: [Cell]) {
        guard cells.count == Self.cellCount else { return nil }
        self.checksum = checksum
        self.cells = cells
    }

    /// What was added to and removed from `old` to come here; nil when there is too much of it.
    ///
    /// Never a wrong answer, as far as a sum of 128 bits can tell.
    func difference(from old: SetSketch) -> Difference? {
        var rest = cells
        for place in rest.indices { rest[place].combine(old.cells[place], subtracting: true) }
        var difference = Difference()
        var sum = old.checksum
        var places = Array(rest.indices)
        while let place = places.popLast() {
            guard let element = rest[place].single else { continue }
            let isAdded = rest[place].count == 1
            let hash = ElementHash(element)
            let targets = Self.places(hash)
            // A cell that only looks as if it held one element.
            guard targets.contains(place) else { continue }
            if isAdded {
                difference.added.append(element)
                sum.add(hash)
            } else {
                difference.removed.append(element)
                sum.remove(hash)
            }
            guard difference.added.count + difference.removed.count <= Self.cellCount else {
                return nil
            }
            for target in targets {
                rest[target].combine(Cell(element, hash), subtracting: isAdded)
            }
            places += targets
        }
        guard rest.allSatisfy(\.isEmpty), sum == checksum else { return nil }
        return difference
    }

    /// One cell of each third.
    private static func places(_ hash: ElementHash) -> [Int] { (0..<3).map { place(hash, $0) } }

    @inline(__always)
    private static func place(_ hash: ElementHash, _ index: Int) -> Int {
        let bits = 21
        let mask = UInt64(1) << UInt64(bits) - 1
        return index * third + Int(hash.high >> UInt64(index * bits) & mask) % third
    }
}

extension SetSketch.Cell {
    fileprivate init(_ element: ElementRange, _ hash: ElementHash) {
        self.init(
            count: 1, check: UInt32(truncatingIfNeeded: hash.low), first: element.first,
            last: element.last)
    }
}
