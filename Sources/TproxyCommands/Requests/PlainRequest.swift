/// What a command was asked to do, as plain values: ArgumentParser makes it of any command line, and
/// `PlainWords` of plain ones.
protocol PlainRequest {
    static var plainOptions: [(name: String, kind: PlainWords.Kind)] { get }

    /// Nil if a value isn't one that the option takes.
    init?(_ words: PlainWords)

    /// Throws a `ValidationError` for options that don't go together.
    func validate() throws
    func run() throws
}

extension PlainRequest {
    func validate() throws {}

    /// The request of a plain command line; nil for one that ArgumentParser has to read.
    static func plain(_ words: some Collection<String>) -> Self? {
        guard let words = PlainWords(words, plainOptions), let request = Self(words),
            (try? request.validate()) != nil
        else { return nil }
        return request
    }
}
