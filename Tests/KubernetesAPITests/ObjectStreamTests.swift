import Testing

@testable import KubernetesAPI

struct ObjectStreamTests {
    private func parts(
        _ text: String, step: Int = .max, limit: Int = 1 << 20
    ) throws -> [String] {
        var stream = ObjectStream(limit: limit)
        var parts: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let part = rest.prefix(step)
            rest = rest.dropFirst(part.count)
            try stream.take(part) {
                switch $0 {
                case .item(let bytes):
                    parts.append("item " + String(decoding: bytes, as: UTF8.self))
                case .document(let bytes):
                    parts.append("document " + String(decoding: bytes, as: UTF8.self))
                }
            }
        }
        return parts
    }

    private static let list = """
        {"kind": "PodList", "metadata": {"resourceVersion": "7"}, "items": [
          {"metadata": {"name": "a ]},{\\"", "list": [1, {"b": []}]}},
          {"metadata": {"name": "c"}} ], "more": true}
        """

    @Test(arguments: [1, 2, 3, 7, 4096]) func itemsOfAListArriveOneByOne(step: Int) throws {
        #expect(
            try parts(Self.list, step: step) == [
                #"item {"metadata":{"name":"a ]},{\"","list":[1,{"b":[]}]}}"#,
                #"item {"metadata":{"name":"c"}}"#,
                #"document {"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[],"more":true}"#,
            ])
    }

    @Test(arguments: [1, 5, 4096]) func eventsOfAWatchAreDocuments(step: Int) throws {
        let event = #"{"type":"ADDED","object":{"spec":{"containers":[{"name":"a"}]}}}"#
        #expect(
            try parts(event + "\n" + event + "\n", step: step)
                == ["document " + event, "document " + event])
    }

    /// Memory holds one item at a time: a long list of small pods stays within a small limit.
    @Test func theLimitIsThatOfOneItem() throws {
        let item = #"{"name":"\#(String(repeating: "x", count: 900))"},"#
        let list = #"{"items":[\#(String(repeating: item, count: 2000))null]}"#
        #expect(try parts(list, step: 1024, limit: 1024).count == 2001)
        #expect(throws: ObjectStream.Problem.tooLarge(limit: 512)) {
            try parts(list, limit: 512)
        }
    }

    @Test(arguments: ["<html>", "}", "{}]", "a", "{} x"]) func otherTextIsRefused(text: String) {
        #expect(throws: ObjectStream.Problem.notJSON) { try parts(text) }
    }
}
