/// Reads, writes and describes values of one type.
struct ValueFormat<Value: Hashable & Sendable>: Sendable {
    /// The allowed values, as the documentation describes them.
    var words: String
    var schema: SchemaFragment
    /// Whether the empty text is a value.
    var allowsEmpty = false
    var parse: @Sendable (Piece) -> Result<Value, ValueProblem>
    var text: @Sendable (Value) -> String
}

/// Part of a JSON Schema (draft 2020-12).
package indirect enum SchemaFragment: Hashable, Sendable {
    case boolean
    case integer(ClosedRange<Int>)
    case text(pattern: String?)
    case choice([String])
    case list(SchemaFragment)
    case either([SchemaFragment])
    /// A mapping from these keys to values of one kind.
    case mapping([String], SchemaFragment)
}
