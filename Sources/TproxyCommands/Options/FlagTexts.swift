/// A flag as it was given; no texts when it wasn't.
struct FlagTexts {
    var name: String
    var texts: [String]

    init(_ name: String, _ text: String?) {
        self.name = "--" + name
        texts = text.map { [$0] } ?? []
    }

    init(_ name: String, _ texts: [String]) {
        self.name = "--" + name
        self.texts = texts
    }
}
