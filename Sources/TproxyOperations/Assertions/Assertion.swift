package import Diagnostics
package import RuleTrace

/// A statement about the treatment of all packets of a pattern: one line of an assertion file.
package struct Assertion: Sendable {
    package var packets: PacketRegion
    package var expectation: Expectation
    package var location: SourceLocation

    /// The assertion in the grammar that `AssertionReader` reads.
    package var text: String {
        let printer = PatternText()
        return "\(printer.text(packets)): \(printer.text(expectation))"
    }

    /// Reads all assertions of a file, in order; throws all problems of the file together.
    ///
    /// Empty lines and text after `#` are ignored.
    package static func read(_ file: InputFile) throws(OperationFailure) -> [Assertion] {
        var assertions: [Assertion] = []
        var problems: [Diagnostic] = []
        let lines = file.text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            var reader = AssertionReader(line, number: index + 1, of: file.name)
            do throws(AssertionReader.Problem) {
                if let assertion = try reader.assertion() { assertions.append(assertion) }
            } catch {
                problems.append(error.diagnostic)
            }
        }
        guard problems.isEmpty else { throw OperationFailure(problems) }
        guard !assertions.isEmpty else { throw OperationFailure(.noAssertions(file.name)) }
        return assertions
    }
}
