import FirewalldExporter
import Foundation
import Testing
import TproxyTestSupport

/// The parser accepts the same documents as Python's xml.sax, with which firewalld reads.
@Suite struct FirewalldParserTests {
    /// Reads one hexadecimal document from each line; prints "read" or "refused" for each.
    private static let program = """
        import sys, xml.sax
        for line in sys.stdin:
            try:
                xml.sax.parseString(bytes.fromhex(line.strip()), xml.sax.handler.ContentHandler())
                print("read")
            except (xml.sax.SAXParseException, LookupError, ValueError):
                print("refused")
        """

    private static func isRead(_ documents: [[UInt8]]) async throws -> [Bool] {
        let lines = documents.map { $0.map { String(format: "%02x", $0) }.joined() + "\n" }
        let ran = try await Command.run(
            "/usr/bin/python3", ["-c", program], input: lines.joined())
        #expect(ran.status == 0, "\(ran.errors)")
        let words = ran.output.split(separator: "\n")
        try #require(words.count == documents.count)
        return words.map { $0 == "read" }
    }

    /// Returns the fuzzers' corpus, administrators' files, and copies with a byte changed or cut
    /// off.
    private static func documents() throws -> [[UInt8]] {
        var documents = Corpus.all.map(\.bytes)
        for folder in ["Corpus", "Crashes"] {
            let place = Scenario.root.appendingPathComponent("Tests/FuzzTests/\(folder)/direct-xml")
            for name in try FileManager.default.contentsOfDirectory(atPath: place.path).sorted() {
                documents.append(
                    [UInt8](try Data(contentsOf: place.appendingPathComponent(name))))
            }
        }
        let alphabet = Array("<>&;'\"/!-?[] =a\n".utf8) + [0x0, 0x1, 0x80, 0xC3, 0xEF]
        var random = SeededGenerator(state: 1)
        return documents
            + documents.filter { (1...4096).contains($0.count) }.flatMap { document in
                (0..<16).map { number in
                    var damaged = document
                    let index = Int.random(in: document.indices, using: &random)
                    switch number % 3 {
                    case 0: damaged[index] = alphabet.randomElement(using: &random) ?? 0
                    case 1: damaged.remove(at: index)
                    case _: damaged.removeSubrange(index...)
                    }
                    return damaged
                }
            }
    }

    @Test func firewalldReadsWhatIsWritten() async throws {
        let output = try MergeTests.output("no-ipv6-host")
        let merged = try Self.documents().compactMap {
            try? DirectFile.merging(output, into: $0).bytes
        }
        #expect(merged.count > 100)
        for (document, isRead) in zip(merged, try await Self.isRead(merged)) {
            #expect(isRead, "\(text(document).prefix(400))")
        }
    }

    @Test func firewalldRefusesWhatIsRefusedAsMalformed() async throws {
        let refused = try Self.documents().compactMap { document -> ([UInt8], String)? in
            do throws(DirectFileProblem) {
                _ = try DirectFile.removing(from: document)
                return nil
            } catch {
                switch error.kind {
                case .notXML(.notUTF8), .notXML(.documentTypeWithDeclarations): return nil
                case .wrongRoot, .unknownElement, .misplacedElement: return nil
                case .notXML, .wrongEnd, .notClosed: return (document, "\(error)")
                }
            }
        }
        #expect(refused.count > 100)
        for (document, isRead) in zip(refused, try await Self.isRead(refused.map(\.0))) {
            #expect(!isRead, "\(document.1) \(text(document.0).prefix(400))")
        }
    }

    /// A version of XML that neither knows, and a document type without declarations.
    @Test(arguments: ["<?xml version='1.1'?><direct/>", "<!DOCTYPE direct>\n<direct/>\r"])
    func whatFirewalldReadsIsAccepted(document: String) async throws {
        let merged = try #require(
            try DirectFile.merging(MergeTests.output(), into: Array(document.utf8)).bytes)
        #expect(try await Self.isRead([Array(document.utf8), merged]) == [true, true])
        #expect(try DirectFile.removing(from: merged).bytes == Array(document.utf8))
    }
}
