import ArgumentParser

/// A flag and its values as given; without values if it wasn't given.
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

extension CompletionKind {
    /// The values of a switch.
    static let truth = CompletionKind.list(["true", "false"])
}
