/// Returns the candidate that is most similar to `word`; nil if none is similar.
///
/// Similar means an optimal string alignment distance of at most a third of the word's length,
/// ignoring letter case.
package func nearestName(to word: String, among candidates: some Sequence<String>) -> String? {
    guard word.utf8.count < 256 else { return nil }
    let limit = max(1, word.count / 3)
    // The distance is at least the difference of the lengths.
    let scored = candidates.filter { abs($0.count - word.count) <= limit }
        .map { (name: $0, distance: editDistance(word, $0)) }
    return scored.filter { $0.distance <= limit }
        .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
}

private func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.lowercased())
    let right = Array(right.lowercased())
    guard abs(left.count - right.count) < 16, left.count < 256 else { return .max }
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
        var current = [row + 1]
        for column in right.indices {
            let cost = left[row] == right[column] ? 0 : 1
            var best = min(
                previous[column] + cost, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1],
                left[row - 1] == right[column]
            {
                best = min(best, beforePrevious[column - 1] + 1)
            }
            current.append(best)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[right.count]
}
