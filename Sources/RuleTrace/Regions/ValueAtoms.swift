import Addressing

/// Partitions a range of numbers into atoms that no match distinguishes.
///
/// Two numbers belong to one atom if the same matches hold for both, so rules treat them alike and
/// one represents all. A list of any length is one match: 100,000 addresses make two atoms, those
/// inside and those outside the list.
struct ValueAtoms: Sendable {
    /// The first number of each piece, in order, with its atom.
    private let pieces: [(first: UInt128, atom: Int)]
    private let domain: Interval
    private(set) var count = 0
    /// The atom for which no match holds, if there is one.
    private(set) var outside: Int?
    /// The atoms for which each match holds, by the index of the match.
    private(set) var holding: [AtomSet] = []

    /// Partitions `domain` by tests; each holds for the numbers in its sorted, separate intervals.
    init(_ domain: Interval, tests: [[Interval]]) {
        self.domain = domain
        var events: [(at: UInt128, test: Int)] = []
        for (test, intervals) in tests.enumerated() {
            for interval in intervals {
                events.append((interval.first, test))
                if interval.last < domain.last { events.append((interval.last + 1, test)) }
            }
        }
        events.sort { $0.at < $1.at }
        var pieces: [(first: UInt128, atom: Int)] = []
        var atoms: [AtomSet: Int] = [:]
        var holds = AtomSet(count: max(1, tests.count))
        var next = events.startIndex
        var at = domain.first
        while true {
            while next < events.endIndex, events[next].at <= at {
                holds.toggle(events[next].test)
                next += 1
            }
            let atom = atoms[holds] ?? atoms.count
            atoms[holds] = atom
            pieces.append((at, atom))
            guard next < events.endIndex else { break }
            at = events[next].at
        }
        self.pieces = pieces
        count = atoms.count
        outside = atoms[AtomSet(count: max(1, tests.count))]
        holding = [AtomSet](repeating: AtomSet(count: atoms.count), count: tests.count)
        for (holds, atom) in atoms {
            for test in holds.atoms { holding[test].insert(atom) }
        }
    }

    /// Returns the numbers of some atoms as sorted intervals that don't touch.
    func intervals(of atoms: AtomSet) -> [Interval] {
        var intervals: [Interval] = []
        for (index, piece) in pieces.enumerated() where atoms.contains(piece.atom) {
            let last = index + 1 < pieces.count ? pieces[index + 1].first - 1 : domain.last
            if let previous = intervals.last, previous.last + 1 == piece.first {
                intervals[intervals.count - 1].last = last
            } else {
                intervals.append(Interval(first: piece.first, last: last))
            }
        }
        return intervals
    }

    /// Returns the atom of a number of the domain.
    func atom(of number: UInt128) -> Int {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if number < pieces[middle].first { high = middle } else { low = middle + 1 }
        }
        return pieces[max(0, low - 1)].atom
    }
}

/// Consecutive numbers, including both ends.
struct Interval: Hashable, Sendable {
    var first: UInt128
    var last: UInt128

    /// Returns the fewest intervals with the same numbers, in order.
    static func merging(_ intervals: [Interval]) -> [Interval] {
        var merged: [Interval] = []
        for interval in intervals.sorted(by: { $0.first < $1.first }) {
            if let previous = merged.last,
                previous.last == .max || interval.first <= previous.last + 1
            {
                merged[merged.count - 1].last = max(previous.last, interval.last)
            } else {
                merged.append(interval)
            }
        }
        return merged
    }
}

extension AddressRange {
    var interval: Interval { Interval(first: first.bits, last: last.bits) }

    init?(_ interval: Interval, _ family: AddressFamily) {
        self.init(
            IPAddress(family: family, bits: interval.first),
            IPAddress(family: family, bits: interval.last))
    }
}

extension PortRange {
    var interval: Interval {
        Interval(first: UInt128(first.number), last: UInt128(last.number))
    }

    init?(_ interval: Interval) {
        guard let first = Port(interval.first), let last = Port(interval.last) else { return nil }
        self.init(first, last)
    }
}

extension UserIDRange {
    var interval: Interval {
        Interval(first: UInt128(first.number), last: UInt128(last.number))
    }

    init?(_ interval: Interval) {
        guard let first = UserID(interval.first), let last = UserID(interval.last) else {
            return nil
        }
        self.init(first, last)
    }
}
