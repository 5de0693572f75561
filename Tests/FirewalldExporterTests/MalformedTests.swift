import FirewalldExporter
import Testing
import TproxyTestSupport

/// Malformed files are refused with their place.
@Suite struct MalformedTests {
    private static func malformed(_ words: String) -> DirectFileProblem.Kind {
        .notXML(.malformed(words))
    }

    private static let invalidToken = malformed("not well-formed (invalid token)")

    @Test(
        arguments: [
            ("<direct>", DirectFileProblem.Kind.notClosed("direct"), 1, 1),
            ("<direct>\n  <rule>", .notClosed("rule"), 2, 3),
            ("<zone/>", .wrongRoot("zone"), 1, 1),
            ("\n<direct/>\n <direct/>", malformed("junk after document element"), 3, 2),
            ("<direct><direct/></direct>", .misplacedElement("direct"), 1, 9),
            ("<direct>\n\t<ipset/></direct>", .unknownElement("ipset"), 2, 2),
            ("<direct><rule><chain/></rule></direct>", .misplacedElement("chain"), 1, 15),
            ("<direct><rule></chain></direct>", .wrongEnd(found: "chain", expected: "rule"), 1, 15),
            ("<direct></direct\n x>", invalidToken, 2, 2),
            ("</direct>", invalidToken, 1, 2),
            ("<direct/>words", malformed("junk after document element"), 1, 10),
            ("<direct/><!-- a -- b -->", invalidToken, 1, 19),
            ("<direct/><!-- a", malformed("unclosed token"), 1, 10),
            ("<direct>]]></direct>", invalidToken, 1, 11),
            ("<direct><![CDATA[", malformed("unclosed CDATA section"), 1, 18),
            ("<direct>&nbsp;</direct>", malformed("undefined entity"), 1, 9),
            ("<direct>a & b</direct>", invalidToken, 1, 12),
            (
                "<direct>&#0;</direct>", malformed("reference to invalid character number"), 1, 9
            ),
            ("<direct a='1' a='2'/>", malformed("duplicate attribute"), 1, 15),
            ("<direct a=1/>", invalidToken, 1, 11),
            ("<direct a='<'/>", invalidToken, 1, 12),
            ("<direct a='", malformed("unclosed token"), 1, 1),
            ("<direct a", malformed("unclosed token"), 1, 1),
            ("<direct", malformed("unclosed token"), 1, 1),
            ("<direct><", malformed("unclosed token"), 1, 9),
            ("<direct>\u{1}</direct>", .notXML(.forbiddenCharacter(1)), 1, 9),
            ("<direct>\n\u{FFFE}</direct>", .notXML(.forbiddenCharacter(0xFFFE)), 2, 1),
            (
                " <?xml version='1.0'?><direct/>",
                malformed("XML or text declaration not at start of entity"), 1, 2
            ),
            ("<?xml version=1.0?><direct/>", malformed("XML declaration not well-formed"), 1, 15),
            ("<?xml version='1.0' encoding='latin1'?><direct/>", .notXML(.notUTF8), 1, 1),
            ("<?xml version='1.0' encoding='UTF-16'?><direct/>", .notXML(.notUTF8), 1, 1),
            ("<!DOCTYPE direct SYSTEM 'x'><direct/>", .notXML(.documentTypeWithDeclarations), 1, 1),
            (
                "\n<!DOCTYPE direct PUBLIC 'x' 'y'><direct/>",
                .notXML(.documentTypeWithDeclarations), 2, 1
            ),
            (
                "<!DOCTYPE direct [<!ENTITY a '&b;&b;'>]><direct/>",
                .notXML(.documentTypeWithDeclarations), 1, 1
            ),
            ("<!DOCTYPE direct", .notXML(.unfinished), 1, 17),
            ("éé<direct/>", invalidToken, 1, 3),
            ("<!-- éé\né --><direct>é<é/></direct>", .unknownElement("é"), 2, 15),
        ] as [(String, DirectFileProblem.Kind, Int, Int)])
    func malformedFilesAreRefusedWithTheirPlace(
        text: String, kind: DirectFileProblem.Kind, line: Int, column: Int
    ) throws {
        let problem = try #require(throws: DirectFileProblem.self) {
            try DirectFile.merging(MergeTests.output(), into: Array(text.utf8))
        }
        #expect(problem.kind == kind)
        #expect(problem.place.line == line)
        #expect(problem.place.column == column)
        #expect(throws: problem) { try DirectFile.removing(from: Array(text.utf8)) }
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x3C, 0x00], 1, 4), ([0x3C, 0x00], 1, 2),
            (Array("<direct>\n".utf8) + [0xC3, 0x28], 2, 1), ([0xC0, 0x80], 1, 1),
            (Array("<direct>".utf8) + [0xED, 0xA0, 0x80], 1, 9), ([0xF5], 1, 1),
        ] as [([UInt8], Int, Int)])
    func otherEncodingsAreRefused(bytes: [UInt8], line: Int, column: Int) throws {
        let problem = try #require(throws: DirectFileProblem.self) {
            try DirectFile.removing(from: bytes)
        }
        #expect(problem.kind == .notXML(.notUTF8))
        #expect(problem.place.line == line)
        #expect(problem.place.column == column)
    }

    /// A valid file truncated at each byte, or without one byte, is refused or read.
    @Test func aDamagedFileNeverCrashes() throws {
        let whole = Corpus.all.flatMap(\.bytes)
        for file in Corpus.all.map(\.bytes) {
            for index in stride(from: 0, to: file.count, by: 3) {
                _ = try? DirectFile.removing(from: Array(file[..<index]))
                var damaged = file
                damaged[index] = whole[(index &* 7919) % whole.count]
                guard let removed = try? DirectFile.removing(from: damaged).bytes else { continue }
                _ = try DirectFile.removing(from: removed)
            }
        }
    }

    /// A quarter of a megabyte of each construct: the time is linear in the size.
    @Test(
        .timeLimit(.minutes(15)),
        arguments: [
            "<direct>", "<!--", "<![CDATA[", "&amp;", "<a ", "<rule ", " a='1'", "]]", "<?",
        ])
    func aHugeMalformedFileIsRefusedInTime(part: String) {
        let text = "<direct><rule " + String(repeating: part, count: (1 << 18) / part.utf8.count)
        let seconds = ProcessorTime.seconds {
            #expect(throws: DirectFileProblem.self) {
                try DirectFile.removing(from: Array(text.utf8))
            }
        }
        #expect(seconds < 60)
    }
}
