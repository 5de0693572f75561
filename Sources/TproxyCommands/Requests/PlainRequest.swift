/// The arguments of a command as plain values.
///
/// ArgumentParser creates a request from any command line, `PlainWords` from a plain one.
protocol PlainRequest {
    static var plainOptions: [(name: String, kind: PlainWords.Kind)] { get }

    /// Creates a request; returns nil if an option doesn't accept its value.
    init?(_ words: PlainWords)

    /// Throws a `ValidationError` for options that conflict.
    func validate() throws
    func run() throws
}

extension PlainRequest {
    func validate() throws {}

    /// Returns the request of a plain command line; nil if ArgumentParser has to read it.
    static func plain(_ words: some Collection<String>) -> Self? {
        guard let words = PlainWords(words, plainOptions), let request = Self(words),
            (try? request.validate()) != nil
        else { return nil }
        return request
    }
}
