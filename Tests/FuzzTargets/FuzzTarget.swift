/// A reader of the program, and the invariants that it keeps for any bytes.
///
/// Not to crash is not enough: input is read completely, and output reads back. libFuzzer (`make
/// fuzz`) and the regression tests call the same function, the tests with every file of
/// Tests/FuzzTests/Corpus.
package struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Also the name of its folder of the corpus.
    package let name: String
    /// Throws the invariant that the bytes violate.
    package let check: @Sendable (_ bytes: [UInt8]) throws -> Void

    package static let all: [FuzzTarget] = [
        .configuration, .settings, .directXML, .iptablesSave, .nftListing, .hostFiles,
        .packetLines, .planFile, .assertions, .manifest,
        .networkList,
    ]

    package static func named(_ name: String) -> FuzzTarget? {
        all.first { $0.name == name }
    }

    package var description: String { name }
}

/// A violated invariant.
package struct BrokenPromise: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws unless the invariant holds.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) throws(BrokenPromise) {
    guard holds else { throw BrokenPromise(what()) }
}

extension [UInt8] {
    /// The text that a command would read; nil for what `InputFile` refuses.
    var text: String? { String(validating: self, as: UTF8.self) }
}
