/// What `explain --output json` prints: docs/schemas/explain-1.json.
struct ExplainDocument<Answer: Encodable>: Encodable {
    private enum CodingKeys: String, CodingKey {
        case schema, kind, source
    }

    /// `packet`, `packets`, `flow` or `why`.
    var kind: String
    var source: RuleSource
    /// Its members stand beside `schema`.
    var answer: Answer

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("tproxy.explain/1", forKey: .schema)
        try container.encode(kind, forKey: .kind)
        try container.encode(source, forKey: .source)
        try answer.encode(to: encoder)
    }
}
