/// How one kind of value is read, written and described.
struct ValueFormat<Value: Hashable & Sendable>: Sendable {
    /// For the documentation: what may be written.
    var words: String
    var schema: SchemaFragment
    /// Whether empty text is a value of its own.
    var allowsEmpty = false
    var parse: @Sendable (Piece) -> Result<Value, ValueProblem>
    var text: @Sendable (Value) -> String
}

/// A part of a JSON Schema (draft 2020-12).
package indirect enum SchemaFragment: Hashable, Sendable {
    case boolean
    case integer(ClosedRange<Int>)
    case text(pattern: String?)
    case choice([String])
    case list(SchemaFragment)
    case either([SchemaFragment])
    /// Keys with values of one kind.
    case mapping([String], SchemaFragment)
}
