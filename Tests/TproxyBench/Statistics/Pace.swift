/// How often something is measured: often if it is fast, seldom if it is slow.
struct Pace: Hashable {
    /// The most rounds.
    var rounds: Int
    /// The fewest rounds, even if all of them take longer than `seconds`.
    ///
    /// Something whose first round takes longer than that is measured once.
    var fewest: Int
    /// The time for all rounds of one contender.
    var seconds: Double

    /// The rounds for something whose first round, the warm-up, took this long.
    ///
    /// If there is time for the fewest only, the warm-up is one of them.
    func rounds(after first: Double) -> Int {
        guard first > 0 else { return rounds }
        let affordable = seconds / first
        guard affordable < Double(rounds) else { return rounds }
        guard affordable >= 1 else { return 1 }
        return max(fewest, Int(affordable))
    }

    /// Whether the first round counts, because there is time for few.
    func countsFirst(_ first: Double) -> Bool { rounds(after: first) <= fewest }

    /// The order of a round: each goes first in turn, so that none always follows the same one.
    static func order<Element>(_ elements: [Element], round: Int) -> [Element] {
        guard !elements.isEmpty else { return [] }
        let start = round % elements.count
        return Array(elements[start...] + elements[..<start])
    }
}
