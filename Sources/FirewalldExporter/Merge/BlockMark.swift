/// The XML comments around our elements.
///
/// They make the block visible to people, and record how to restore the original bytes. Without
/// them, `Ownership` identifies our elements.
enum BlockMark: Equatable {
    /// The state of the file before the block was added.
    enum Origin: String {
        /// The root element had an end tag.
        case root = "in <direct>"
        /// The root element was an empty tag, `<direct/>`.
        case emptyTag = "in what was <direct/>"
        /// The file had no element.
        case noRoot = "in a file that had no element"
        /// The file didn't exist.
        case noFile = "in a file of its own"
    }

    case begin(version: String, digest: String, Origin)
    case end

    private static let beginning = " tproxy begin: version "
    private static let digest = ", digest "
    private static let advice = "; tproxy replaces everything up to its end "
    private static let ending = " tproxy end "

    /// The text between `<!--` and `-->`.
    var words: String {
        switch self {
        case .begin(let version, let digest, let origin):
            Self.beginning + version + Self.digest + digest + ", " + origin.rawValue + Self.advice
        case .end: Self.ending
        }
    }

    init?(words: String) {
        if words == Self.ending {
            self = .end
            return
        }
        guard words.hasPrefix(Self.beginning), words.hasSuffix(Self.advice) else { return nil }
        let parts = words.dropFirst(Self.beginning.count).dropLast(Self.advice.count)
            .split(separator: ", ", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[1].hasPrefix(Self.digest.dropFirst(2)),
            let origin = Origin(rawValue: parts[2])
        else { return nil }
        self = .begin(
            version: parts[0], digest: String(parts[1].dropFirst(Self.digest.count - 2)), origin)
    }

    var text: String { "<!--\(words)-->" }
}
