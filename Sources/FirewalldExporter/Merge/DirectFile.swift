package import RuleIR

/// What becomes of a `direct.xml`.
package struct DirectChange: Hashable, Sendable {
    /// The new content; nil for no file.
    package var bytes: [UInt8]?
    /// How many elements of ours are in it.
    package var added = 0
    /// How many elements of ours were in it before.
    package var removed: Int
    /// How many of kumactl's elements are set aside in it.
    package var setAside = 0
    /// How many of kumactl's elements were put back.
    package var restored: Int
    /// How many elements of ours had lost their marks, as after firewalld has rewritten the file.
    package var unmarked: Int
    /// Whether something that isn't ours stood between our marks; it was kept.
    package var hasGuests: Bool

    fileprivate init(_ removal: Removal?) {
        bytes = removal?.bytes
        removed = removal?.removed ?? 0
        restored = removal?.restored ?? 0
        unmarked = removal?.unmarked ?? 0
        hasGuests = removal?.hasGuests ?? false
    }
}

/// firewalld's `direct.xml`, of which one part may be ours.
package enum DirectFile {
    /// The file with our elements in it, in the place of what was ours before.
    ///
    /// Everything else stays byte for byte, but for elements of kumactl's own, which are set aside.
    package static func merging(
        _ output: FirewalldExporter.Output, into old: [UInt8]?
    ) throws(DirectFileProblem) -> DirectChange {
        let removal = try removal(from: old)
        let insertion = try Insertion(output, into: removal?.bytes)
        var change = DirectChange(removal)
        change.bytes = insertion.bytes
        change.added = output.elements.count
        change.setAside = insertion.setAside
        change.restored = 0
        return change
    }

    /// The prerequisites that were made for the rules that the file holds.
    package static func ownedPrerequisites(
        in bytes: [UInt8]
    ) throws(DirectFileProblem) -> [HostPrerequisite] {
        Ownership(try DirectDocument(bytes).nodes).ownedPrerequisites
    }

    /// The file without anything of ours; the bytes that were there before the first merge, where
    /// nobody else has changed them.
    package static func removing(from old: [UInt8]?) throws(DirectFileProblem) -> DirectChange {
        let change = DirectChange(try removal(from: old))
        // A comment that only looks like one of ours may have held anything.
        if let bytes = change.bytes { _ = try DirectDocument(bytes) }
        return change
    }

    private static func removal(from old: [UInt8]?) throws(DirectFileProblem) -> Removal? {
        guard let old else { return nil }
        return try Removal(from: old)
    }
}
