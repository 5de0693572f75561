import JSON

/// A match of a listing whose operator asks whether both sides are equal.
struct ListedMatch {
    let left: JSONValue
    let right: JSONValue
    let isNegated: Bool

    /// Reads a match; nil for another operator.
    init?(_ match: JSONValue) {
        guard let left = match["left"], let right = match["right"] else { return nil }
        switch match["op"]?.string {
        case "==", "in": isNegated = false
        case "!=": isNegated = true
        case _: return nil
        }
        self.left = left
        self.right = right
    }
}
