/// A position in a YAML text; lines and columns count from 1, columns in Unicode scalars.
struct YAMLMark: Hashable {
    var line: Int
    var column: Int
}

/// An event of libyaml's parser.
enum YAMLEvent {
    struct Scalar {
        var text: String
        var style: Style
        /// The name after `&`.
        var anchor: String?
    }

    enum Style {
        /// Unquoted, on one line or folded.
        case plain
        case quoted
        /// After `|` or `>`.
        case block
    }

    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    /// An alias, by the name after `*`.
    case alias(String)
    case scalar(Scalar)
    case listStart(anchor: String?)
    case listEnd
    case mappingStart(anchor: String?)
    case mappingEnd
}

/// An error that makes a text unreadable as YAML.
enum YAMLProblem: Error {
    /// The text violates YAML's syntax; the message is libyaml's.
    case malformed(String, at: YAMLMark)
    /// The text contains a byte that YAML doesn't allow.
    case unreadable(String, offset: Int, value: Int)
    case repeatedKey(String, at: YAMLMark)
    case nestedTooDeep(limit: Int, at: YAMLMark)
    case outOfMemory
}
