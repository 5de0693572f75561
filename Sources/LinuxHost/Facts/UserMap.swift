/// The UIDs of this user namespace, and those that the namespace around it has for them.
package enum UserMap {
    package struct Entry: Hashable, Sendable {
        package var first: UInt32
        package var outer: UInt32
        package var count: UInt32
    }

    /// The entries of user_namespaces(7); empty in the initial namespace, which maps every UID to
    /// itself.
    package static var entries: [Entry] {
        entries(in: (try? KernelFile.contents(of: "/proc/self/uid_map")) ?? "")
    }

    static func entries(in text: String) -> [Entry] {
        let entries = text.split(separator: "\n").compactMap { line -> Entry? in
            let numbers = line.split(separator: " ").compactMap { UInt32($0) }
            guard numbers.count == 3 else { return nil }
            return Entry(first: numbers[0], outer: numbers[1], count: numbers[2])
        }
        let isWhole = entries.count == 1 && entries[0] == Entry(first: 0, outer: 0, count: .max)
        return isWhole ? [] : entries
    }
}
