import JSON
import RuleIR

/// The elements of the named sets and maps of one table, as a listing has them.
struct ForeignSets {
    private(set) var sets: [String: [JSONValue]] = [:]
    private(set) var maps: [String: [JSONValue]] = [:]

    /// The maximum number of elements of which each becomes a match; a larger set counts as
    /// unknown.
    private static let maximumElements = 65_536

    /// Adds the set or map of a listing's object, if it is one.
    mutating func add(_ object: JSONValue) {
        if let set = object["set"], let name = set["name"]?.string {
            sets[name] = set["elem"]?.array ?? []
        }
        if let map = object["map"], let name = map["name"]?.string {
            maps[name] = map["elem"]?.array ?? []
        }
    }

    /// Returns the elements of a set, `@name` or anonymous; nil for an unknown or a huge one.
    func elements(ofSet value: JSONValue) -> [JSONValue]? {
        limited(value.setName.map { sets[$0.text] } ?? value["set"]?.array)
    }

    /// Returns pairs of a key and a value; nil for an unknown map or one that is too large.
    func elements(ofMap value: JSONValue) -> [(key: JSONValue, value: JSONValue)]? {
        guard let elements = limited(value.setName.map { maps[$0.text] } ?? value["set"]?.array)
        else { return nil }
        var pairs: [(key: JSONValue, value: JSONValue)] = []
        for element in elements {
            guard let pair = element.array, pair.count == 2 else { return nil }
            pairs.append((pair[0]["elem"]?["val"] ?? pair[0], pair[1]))
        }
        return pairs
    }

    private func limited(_ elements: [JSONValue]?) -> [JSONValue]? {
        elements.flatMap { $0.count <= Self.maximumElements ? $0 : nil }
    }
}
