import CYaml

/// Owns a libyaml parser and the text that it reads; frees the parser exactly once.
///
/// The corresponding C type is `yaml_parser_t`.
@safe
struct EventParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    /// Creates a parser of `text`.
    ///
    /// JSON may be indented with tabs, which YAML forbids; `tabsAreSpaces` turns them into spaces.
    init(_ text: String, tabsAreSpaces: Bool) throws(YAMLProblem) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw .outOfMemory
        }
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = unsafe bytes.initialize(fromContentsOf: text.utf8)
        if tabsAreSpaces {
            for index in bytes.indices where unsafe bytes[index] == UInt8(ascii: "\t") {
                unsafe bytes[index] = UInt8(ascii: " ")
            }
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        unsafe self.parser = parser
        unsafe self.text = bytes
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    /// Returns the next event and its start; must not be called after the end of the stream.
    func next() throws(YAMLProblem) -> (event: YAMLEvent, mark: YAMLMark) {
        let placed = try nextPlaced()
        return (placed.event, placed.start)
    }

    /// Returns the next event with its start and end, and whether a collection is in flow style.
    func nextPlaced() throws(YAMLProblem) -> PlacedYAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { unsafe yaml_event_delete(&event) }
        return PlacedYAMLEvent(
            event: try unsafe Self.read(event), start: unsafe YAMLMark(event.start_mark),
            end: unsafe YAMLMark(event.end_mark), isFlow: unsafe Self.isFlow(event))
    }

    private static func isFlow(_ event: yaml_event_t) -> Bool {
        switch unsafe event.type {
        case YAML_SEQUENCE_START_EVENT:
            unsafe event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
        case YAML_MAPPING_START_EVENT:
            unsafe event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
        case _: false
        }
    }

    private static func read(_ event: yaml_event_t) throws(YAMLProblem) -> YAMLEvent {
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(unsafe name(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT: return .scalar(unsafe scalar(event.data.scalar))
        case YAML_SEQUENCE_START_EVENT:
            return .listStart(anchor: unsafe name(event.data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT: return .listEnd
        case YAML_MAPPING_START_EVENT:
            return .mappingStart(anchor: unsafe name(event.data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case _:
            // A later version of libyaml may report events that this one doesn't know.
            throw unsafe .malformed("unknown construct", at: YAMLMark(event.start_mark))
        }
    }

    private static func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar)
        -> YAMLEvent.Scalar
    {
        let style: YAMLEvent.Style =
            switch unsafe scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            case _: .plain
            }
        let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return YAMLEvent.Scalar(
            text: unsafe String(decoding: bytes, as: UTF8.self), style: style,
            anchor: unsafe name(scalar.anchor))
    }

    private static func name(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }

    private func problem() -> YAMLProblem {
        let words = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? ""
        switch unsafe parser.pointee.error {
        case YAML_READER_ERROR:
            return unsafe .unreadable(
                words, offset: parser.pointee.problem_offset,
                value: Int(parser.pointee.problem_value))
        case YAML_MEMORY_ERROR: return .outOfMemory
        case _: return unsafe .malformed(words, at: YAMLMark(parser.pointee.problem_mark))
        }
    }
}

extension YAMLMark {
    /// Converts a mark of libyaml, which counts from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

/// A position in a YAML text; lines and columns count from 1, columns in Unicode scalars.
package struct YAMLMark: Hashable, Sendable {
    package var line: Int
    package var column: Int
}

/// An event and its place.
struct PlacedYAMLEvent {
    var event: YAMLEvent
    var start: YAMLMark
    /// The end; of a block collection, the start of the token behind it.
    var end: YAMLMark
    /// Whether a collection begins in flow style, with a bracket or a brace.
    var isFlow: Bool
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
    /// A second document that isn't empty.
    case severalDocuments(at: YAMLMark)
    /// The value of a merge key (`<<`) is neither a mapping nor a list of mappings.
    case invalidMerge(at: YAMLMark)
    case nestedTooDeep(limit: Int, at: YAMLMark)
    case outOfMemory
}
