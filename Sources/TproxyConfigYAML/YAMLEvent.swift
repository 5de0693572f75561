/// A place in a YAML text; lines and columns count from 1, columns in Unicode scalars.
struct YAMLMark: Hashable {
    var line: Int
    var column: Int
}

/// What libyaml finds in a text, one after another.
enum YAMLEvent {
    struct Scalar {
        var text: String
        var style: Style
        /// The name behind `&`.
        var anchor: String?
    }

    enum Style {
        /// Without quotes, on one line or folded.
        case plain
        case quoted
        /// Behind `|` or `>`.
        case block
    }

    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    /// The name behind `*`.
    case alias(String)
    case scalar(Scalar)
    case listStart(anchor: String?)
    case listEnd
    case mappingStart(anchor: String?)
    case mappingEnd
}

/// Why a text can't be read as YAML.
enum YAMLProblem: Error {
    /// The text breaks a rule of YAML; the words are libyaml's.
    case malformed(String, at: YAMLMark)
    /// A byte that no YAML text may hold.
    case unreadable(String, offset: Int, value: Int)
    case repeatedKey(String, at: YAMLMark)
    case nestedTooDeep(limit: Int, at: YAMLMark)
    case outOfMemory
}
