import Foundation
import JSON
import Testing

/// JSON text, as Foundation reads and writes it.
@Suite struct JSONTests {
    struct Sample: Codable, Equatable {
        struct Part: Codable, Equatable {
            var number: Int?
            var texts: [String] = []
            var flags: [Bool] = []
        }
        enum Choice: String, Codable { case one, two }

        var text = "plain"
        var parts: [Part] = []
        var named: [String: Part] = [:]
        var choice = Choice.two
        var byte: UInt8 = 255
        var wide: UInt32 = .max
        var small: Int64 = .min
        var half = 0.5
        var whole = 3.0
        var nothing: String?
        var nested: [[Int]] = [[], [1], [2, 3]]
    }

    private static let samples = [
        Sample(),
        Sample(
            text: "\u{0}\u{1}\u{8}\t\n\u{c}\r\u{1f} \"quoted\" \\ / é 😀 \u{7f} \u{2028}",
            parts: [.init(), .init(number: -1, texts: ["", "a"], flags: [true, false])],
            named: ["b": .init(), "a": .init(texts: ["x"]), "Z": .init(number: 0), "": .init()]),
    ]

    @Test(arguments: samples)
    func aValueIsWrittenAsByFoundation(sample: Sample) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let value = try JSONValue(encoding: sample)
        #expect(
            value.text(.indented) == String(decoding: try encoder.encode(sample), as: UTF8.self))
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(value.text(.compact) == String(decoding: try encoder.encode(sample), as: UTF8.self))
    }

    @Test(arguments: [JSONLayout.compact, .line, .indented])
    func aWrittenValueIsReadBack(layout: JSONLayout) throws {
        for sample in Self.samples {
            var sample = sample
            // libjansson refuses it.
            sample.text.removeAll { $0 == "\u{0}" }
            let value = try JSONValue(encoding: sample)
            let text = value.text(layout)
            #expect(try JSONValue(parsing: text) == value)
            #expect(try JSONValue(parsing: text).decoded(as: Sample.self) == sample)
            #expect(try JSONDecoder().decode(Sample.self, from: Data(text.utf8)) == sample)
        }
    }

    @Test func chosenCharactersAreEscaped() {
        let value: JSONValue = ["<a>": ["\u{2028}é😀"]]
        let text = value.text(.line) { "<\u{2028}😀".unicodeScalars.contains($0) }
        #expect(text == #"{"\u003ca>": ["\u2028é\ud83d\ude00"]}"#)
    }

    private static let texts: [(String, JSONValue)] = [
        ("12", 12), ("-0", 0), ("1.0", 1), ("1e3", 1000), ("1.5", .real(1.5)),
        ("1e300", .real(1e300)), ("null", .null), ("true", .bool(true)), (" \"a\" ", "a"),
        (#"{"a": 1, "a": 2}"#, ["a": 2]), ("[]", []), (#""\u00e9""#, "é"),
    ]

    @Test(arguments: texts)
    func aTextIsRead(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == expected)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\" 1}", "nul", "01", "'a'", "[1] 2", "\"\\x\"", "\"\u{1}\"",
        #""\u0000""#, "99999999999999999999", "1e999", "\u{feff}1",
    ])
    func aTextThatIsNoneIsRefused(text: String) {
        #expect {
            try JSONValue(parsing: text)
        } throws: { error in
            if case .notJSON(let line, let reason)? = error as? JSONProblem {
                return line > 0 || reason.isEmpty == false
            }
            return false
        }
    }

    @Test func nestingHasALimit() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        _ = try JSONValue(parsing: nested(32))
        #expect(throws: JSONProblem.nestedTooDeep) { try JSONValue(parsing: nested(33)) }
        #expect(throws: JSONProblem.nestedTooDeep) {
            try JSONValue(parsing: String(repeating: "{\"a\":", count: 100_000))
        }
        #expect(try JSONValue(parsing: "[\"\\\"\(nested(99))\"]").array?.count == 1)
    }

    @Test(arguments: [
        (#"{"texts": [], "flags": 1}"#, "flags", "number"),
        (#"{"texts": ["a", null], "flags": []}"#, "texts.1", "null"),
        (#"{"texts": [], "flags": [], "number": "1"}"#, "number", "a string"),
        (#"{"texts": [], "flags": [], "number": 1.5}"#, "number", "does not fit"),
    ])
    func aProblemNamesItsPlace(text: String, path: String, words: String) throws {
        let value = try JSONValue(parsing: text)
        #expect {
            try value.decoded(as: Sample.Part.self)
        } throws: { error in
            guard let error = error as? DecodingError else { return false }
            let context: DecodingError.Context
            switch error {
            case .dataCorrupted(let found), .typeMismatch(_, let found),
                .valueNotFound(_, let found), .keyNotFound(_, let found):
                context = found
            @unknown default: return false
            }
            let place = context.codingPath.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }
            return place.joined(separator: ".") == path
                && context.debugDescription.contains(words)
        }
    }

    @Test func aMissingMemberIsNamed() {
        #expect {
            try JSONValue.object(["texts": []]).decoded(as: Sample.Part.self)
        } throws: { error in
            if case .keyNotFound(let key, _)? = error as? DecodingError {
                return key.stringValue == "flags"
            }
            return false
        }
    }

    @Test func aNumberThatIsTooWideIsRefused() {
        #expect(throws: DecodingError.self) { try JSONValue.number(256).decoded(as: UInt8.self) }
        #expect(throws: DecodingError.self) { try JSONValue.number(-1).decoded(as: UInt64.self) }
        #expect(throws: EncodingError.self) { try JSONValue(encoding: Double.infinity) }
    }
}
