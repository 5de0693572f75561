/// How often something is measured: often where it is quick, seldom where it is slow.
struct Pace: Hashable {
    /// Rounds that are aimed at, and never exceeded.
    var rounds: Int
    /// Rounds that are made even if they take longer than `seconds`.
    var fewest: Int
    /// What all rounds of one contender may take.
    var seconds: Double

    /// Rounds for something of which the first, the warm-up, took so long.
    ///
    /// Where there is time for the fewest only, the warm-up is one of them.
    func rounds(after first: Double) -> Int {
        guard first > 0 else { return rounds }
        let affordable = seconds / first
        guard affordable < Double(rounds) else { return rounds }
        return max(fewest, Int(affordable))
    }

    /// Whether the first round counts: where there is time for few.
    func countsFirst(_ first: Double) -> Bool { rounds(after: first) <= fewest }

    /// The order of a round: each goes first in turn, so that none always follows the same one.
    static func order<Element>(_ elements: [Element], round: Int) -> [Element] {
        guard !elements.isEmpty else { return [] }
        let start = round % elements.count
        return Array(elements[start...] + elements[..<start])
    }
}
