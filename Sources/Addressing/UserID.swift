/// A numeric user ID, 0...4294967294.
///
/// 4294967295 is `(uid_t)-1`, which the kernel reserves for "no user".
package struct UserID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: UInt32

    package init?(_ number: some BinaryInteger) {
        guard let number = UInt32(exactly: number), number != .max else { return nil }
        self.number = number
    }

    /// Parses decimal digits.
    package init?(_ text: some StringProtocol) {
        guard let number = UInt32(decimal: text) else { return nil }
        self.init(number)
    }

    init(unchecked number: UInt32) {
        self.number = number
    }

    /// 5678, the UID of Kuma's data plane proxy by default.
    package static let kumaDefault = UserID(unchecked: 5678)
    package static let root = UserID(unchecked: 0)
    /// An ordinary account that configurations are unlikely to name.
    package static let arbitrary = UserID(unchecked: 40_000)

    package var description: String { "\(number)" }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Consecutive user IDs, including both ends.
package struct UserIDRange: Hashable, Sendable, CustomStringConvertible {
    package let first: UserID
    package let last: UserID

    package init?(_ first: UserID, _ last: UserID) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }

    package init(_ user: UserID) {
        first = user
        last = user
    }

    package func contains(_ user: UserID) -> Bool { first <= user && user <= last }

    /// `1000` or `1000-1999`.
    package var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}
