/// The priorities of our rules among the direct rules of a chain.
///
/// firewalld sorts the rules of a chain by priority; the order of equal priorities is undefined. It
/// passes priorities on as signed 32-bit integers (D-Bus type `i`). Ours are at both ends of that
/// range: rules that Kuma inserts precede all foreign direct rules, and those that it appends
/// follow them.
enum DirectPriority {
    /// The lowest priority of inserted rules.
    static let first = Int32.min
    /// The highest priority of appended rules.
    static let last = Int32.max

    /// Returns the priorities of a built-in chain's rules, strictly increasing.
    static func ofHook(inserted: Int, appended: Int) -> [Int32] {
        (0..<inserted).map { first + Int32($0) }
            + (0..<appended).map { last - Int32(appended - 1 - $0) }
    }
}
