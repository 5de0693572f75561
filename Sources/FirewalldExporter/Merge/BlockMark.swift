/// The XML comments around our elements.
///
/// They make the block one that a person sees, and keep what is needed to put back the bytes that were
/// there before it. Without them our elements are known by `Ownership`.
enum BlockMark: Equatable {
    /// What the file was like before the block came.
    enum Origin: String {
        /// It had a root element with an end tag.
        case root = "in <direct>"
        /// Its root element was an empty tag, `<direct/>`.
        case emptyTag = "in what was <direct/>"
        /// It had no element at all.
        case noRoot = "in a file that had no element"
        /// There was no file.
        case noFile = "in a file of its own"
    }

    case begin(version: String, digest: String, Origin)
    case end

    private static let beginning = " tproxy begin: version "
    private static let digest = ", digest "
    private static let advice = "; tproxy replaces everything up to its end "
    private static let ending = " tproxy end "

    /// What is between `<!--` and `-->`.
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
