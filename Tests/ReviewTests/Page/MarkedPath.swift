/// What a picture of the page marks after a question.
struct MarkedPath: Decodable, Sendable {
    /// The rules of a marked row, which may contain several.
    struct Row: Decodable, Sendable {
        var list: String
        var first: Int
        var last: Int
    }

    var rows: [Row]
    /// The number of marked nodes, the origin and the end among them.
    var nodes: Int
    /// The number of marked arrows.
    var ways: Int
    /// The titles of the marked ends.
    var ends: [String]

    /// Whether the marked rows contain exactly the rules at these places.
    func containsAll(_ places: [String]) -> Bool {
        func contains(_ row: Row, _ place: String) -> Bool {
            (row.first...row.last).contains { "\(row.list), rule \($0)" == place }
        }
        return places.allSatisfy { place in rows.contains { contains($0, place) } }
            && rows.allSatisfy { row in places.contains { contains(row, $0) } }
    }

    /// Reads the marks of both pictures of the packet's hook.
    static let reading = """
        [...document.querySelectorAll("svg.asked")].map((picture) => ({
            rows: [...picture.querySelectorAll("a.row.met")].map((row) => ({
                list: row.closest(".node").dataset.list,
                first: Number(row.dataset.number), last: Number(row.dataset.last),
            })),
            nodes: picture.querySelectorAll(".node.met").length,
            ways: picture.querySelectorAll(".way.met").length,
            ends: [...picture.querySelectorAll(".node.met")]
                .filter((node) => node.dataset.list === "" && node.dataset.next === "")
                .map((node) => node.querySelector("text").textContent),
        }))
        """

    /// Reads the numbers of the marked rows of the tables.
    static let tableRows = """
        [...document.querySelectorAll("tr.met")].map((row) => row.id)
        """
}
