/// The output of `explain --output json`: docs/schemas/explain-1.json.
struct ExplainDocument<Answer: Encodable>: JSONReport {
    private enum CodingKeys: String, CodingKey {
        case kind, source
    }

    static var schema: String { "tproxy.explain/1" }

    /// `packet`, `packets`, `flow` or `why`.
    var kind: String
    var source: RuleSource
    /// The answer, whose members are encoded beside `kind`.
    var answer: Answer

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(source, forKey: .source)
        try answer.encode(to: encoder)
    }
}
