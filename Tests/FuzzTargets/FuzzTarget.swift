/// A reader of the program, and what is promised of it whatever bytes it is given.
///
/// A promise is more than not to crash: what was read is whole, and what is written reads back. The
/// same function serves libFuzzer (`make fuzz`) and the regression tests, which give it every file of
/// Tests/FuzzTests/Corpus.
package struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Also the name of its folder of the corpus.
    package let name: String
    /// Throws the promise that the bytes break.
    package let check: @Sendable (_ bytes: [UInt8]) throws -> Void

    package static let all: [FuzzTarget] = [
        .configuration, .settings, .directXML, .iptablesSave, .nftListing, .hostFiles,
        .packetLines, .planFile,
    ]

    package static func named(_ name: String) -> FuzzTarget? {
        all.first { $0.name == name }
    }

    package var description: String { name }
}

/// What should hold and doesn't.
package struct BrokenPromise: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws unless the promise holds.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) throws(BrokenPromise) {
    guard holds else { throw BrokenPromise(what()) }
}

extension [UInt8] {
    /// The text that a command would read; nil for what `InputFile` refuses.
    var text: String? { String(validating: self, as: UTF8.self) }
}
