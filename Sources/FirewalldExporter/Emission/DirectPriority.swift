/// Where our rules stand among the direct rules of a chain.
///
/// firewalld sorts the rules of a chain by priority, and leaves open in which order equal ones come.
/// It hands priorities on as signed 32-bit numbers (D-Bus type `i`), so ours are at the ends of that
/// range: what Kuma inserts comes before every direct rule of others, what it appends behind.
enum DirectPriority {
    /// The first of those that come before everybody's.
    static let first = Int32.min
    /// The last of those that come behind.
    static let last = Int32.max

    /// The priorities of a built-in chain's rules, strictly increasing.
    static func ofHook(inserted: Int, appended: Int) -> [Int32] {
        (0..<inserted).map { first + Int32($0) }
            + (0..<appended).map { last - Int32(appended - 1 - $0) }
    }
}
