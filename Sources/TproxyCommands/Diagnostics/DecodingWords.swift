extension DecodingError {
    /// What is wrong with a JSON document, and where in it.
    var words: String {
        switch self {
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is not valid JSON"
        case .dataCorrupted(let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            "at '\(Self.path(context.codingPath))': \(context.debugDescription)"
        case .keyNotFound(let key, _): "key '\(key.stringValue)' is missing"
        @unknown default: "it is not valid"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
    }
}
