package import RuleIR

/// A change of a `direct.xml`.
package struct DirectChange: Hashable, Sendable {
    /// The new contents; nil if the file is deleted.
    package var bytes: [UInt8]?
    /// The number of our elements in the new contents.
    package var added = 0
    /// The number of our elements in the old contents.
    package var removed: Int
    /// The number of kumactl's elements that are disabled in comments.
    package var setAside = 0
    /// The number of kumactl's elements that were restored.
    package var restored: Int
    /// The number of our elements that had lost their marks, as when firewalld rewrites the file.
    package var unmarked: Int
    /// Whether foreign content stood between our marks; it is kept.
    package var hasForeignContent: Bool

    fileprivate init(_ removal: Removal?) {
        bytes = removal?.bytes
        removed = removal?.removed ?? 0
        restored = removal?.restored ?? 0
        unmarked = removal?.unmarked ?? 0
        hasForeignContent = removal?.hasForeignContent ?? false
    }
}

/// Changes firewalld's `direct.xml`, of which one part may be ours.
package enum DirectFile {
    /// Replaces our part of the file with the elements of `output`.
    ///
    /// All other bytes stay the same, except that elements of kumactl are disabled in comments.
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

    /// Removes our part of the file; restores the original bytes unless something else changed
    /// them.
    package static func removing(from old: [UInt8]?) throws(DirectFileProblem) -> DirectChange {
        let change = DirectChange(try removal(from: old))
        // A comment that resembles one of ours may contain anything.
        if let bytes = change.bytes { _ = try DirectDocument(bytes) }
        return change
    }

    private static func removal(from old: [UInt8]?) throws(DirectFileProblem) -> Removal? {
        guard let old else { return nil }
        return try Removal(from: old)
    }
}
