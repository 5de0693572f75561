import Foundation
import FuzzTargets
import Testing
import TproxyTestSupport

/// Every input that a fuzzer kept, and every one that once violated an invariant.
@Suite struct CorpusTests {
    struct Input: Sendable, CustomTestStringConvertible {
        var target: FuzzTarget
        var file: URL

        var testDescription: String { "\(target)/\(file.lastPathComponent)" }
    }

    /// The files of `folder` (`Corpus` or `Crashes`) for one fuzzer.
    private static func inputs(_ folder: String, of target: FuzzTarget) -> [Input] {
        let place = Scenario.root.appendingPathComponent("Tests/FuzzTests/\(folder)/\(target)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return names.sorted().map {
            Input(target: target, file: place.appendingPathComponent($0))
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: FuzzTarget.all)
    func corpusViolatesNoInvariant(target: FuzzTarget) throws {
        let inputs = Self.inputs("Corpus", of: target)
        #expect(!inputs.isEmpty, "there is no corpus for \(target)")
        for input in inputs {
            let bytes = try [UInt8](Data(contentsOf: input.file))
            #expect(throws: Never.self, "\(input.file.path)") { try target.check(bytes) }
        }
    }

    @Test(
        .timeLimit(.minutes(15)),
        arguments: FuzzTarget.all.flatMap { inputs("Crashes", of: $0) })
    func fixedCrashStaysFixed(input: Input) throws {
        try input.target.check([UInt8](Data(contentsOf: input.file)))
    }

    /// Regressions count only if the files are found.
    @Test func crashFilesAreFound() {
        #expect(FuzzTarget.all.contains { !Self.inputs("Crashes", of: $0).isEmpty })
    }

    @Test func everyFolderBelongsToAFuzzer() throws {
        let names = Set(FuzzTarget.all.map(\.name))
        for folder in ["Corpus", "Crashes"] {
            let path = Scenario.root.appendingPathComponent("Tests/FuzzTests/\(folder)").path
            let found = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(names.isSuperset(of: found), "\(folder): \(found)")
        }
    }
}
