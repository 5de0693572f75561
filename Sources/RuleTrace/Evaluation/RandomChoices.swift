/// The choices that the kernel makes at random for one packet, in the order of evaluation.
///
/// An evaluation with the same choices is repeated until each combination was taken once.
struct RandomChoices {
    /// The maximum number of combinations; a Service has one for each endpoint.
    private static let maximum = 1_000

    private var taken: [Int] = []
    private var counts: [Int] = []
    private var position = 0
    private var combinations = 1
    /// The rules evaluated with all combinations.
    var looked = 0
    /// Whether combinations were left out.
    private(set) var isCutShort = false

    /// Returns the number of the choice among `count`.
    mutating func choose(of count: Int) -> Int {
        if position == taken.count {
            taken.append(0)
            counts.append(count)
        }
        position += 1
        return taken[position - 1]
    }

    /// Moves to the next combination; returns false after the last one.
    mutating func advance() -> Bool {
        position = 0
        while let last = taken.popLast(), let count = counts.popLast() {
            guard last + 1 < count else { continue }
            guard combinations < Self.maximum, looked <= PacketEvaluator.maximumRules else {
                isCutShort = true
                return false
            }
            combinations += 1
            taken.append(last + 1)
            counts.append(count)
            return true
        }
        return false
    }
}
