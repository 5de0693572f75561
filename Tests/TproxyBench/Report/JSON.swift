import JSON

extension JSONValue {
    /// An object of those members that are there.
    static func members(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(Dictionary(members.compactMap { name, value in value.map { (name, $0) } }) { $1 })
    }
}

extension Spread {
    var json: JSONValue {
        [
            "median": JSONValue(median), "lowest": JSONValue(lowest), "highest": JSONValue(highest),
        ]
    }
}
