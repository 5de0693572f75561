import Addressing
import Foundation
import RuleIR
import Testing

@Suite struct HostPrerequisiteTests {
    private static func address(_ token: String = "::6@lo") throws -> HostPrerequisite {
        .address(try #require(LoopbackAddress(token: token)))
    }

    /// Versions before prerequisites wrote these lines, and read them.
    @Test func theRecordOfAnAddressIsThatOfEarlierVersions() throws {
        #expect([HostPrerequisite]().records == ["address none"])
        #expect([try Self.address()].records == ["address ::6@lo"])
        #expect([HostPrerequisite](records: ["address none"]) == [])
    }

    @Test func recordsAreReadInAnyOrder() throws {
        let prerequisites = [try Self.address("::6@lo"), try Self.address("::7@lo")]
        let other = ["made by tproxy 1", "digest 3 abc", "loading address", "address"]
        for _ in 0..<8 {
            let lines = (prerequisites.records + other).shuffled()
            #expect([HostPrerequisite](records: lines) == prerequisites, "\(lines)")
        }
        #expect(
            [HostPrerequisite](records: prerequisites.records + prerequisites.records)
                == prerequisites)
    }

    @Test(arguments: ["address ", "address x", "address ::6", "address ::6@", "address none none"])
    func aRecordWithoutMeaningIsRefused(line: String) {
        // A word alone is no record.
        let wanted: [HostPrerequisite]? = line == "address " ? [] : nil
        #expect([HostPrerequisite](records: [line]) == wanted)
    }

    @Test func aDocumentNamesTheKind() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let prerequisite = try Self.address()
        let data = try encoder.encode(prerequisite)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"address":{"address":"::6","interface":"lo"}}"#)
        #expect(try JSONDecoder().decode(HostPrerequisite.self, from: data) == prerequisite)
        for json in [
            #"{}"#, #"{"route": {}}"#, #"{"address": {"address": "::6/129", "interface": "lo"}}"#,
        ] {
            #expect(throws: DecodingError.self, "\(json)") {
                try JSONDecoder().decode(HostPrerequisite.self, from: Data(json.utf8))
            }
        }
    }

    /// Whoever makes them relies on the order.
    @Test func aRulesetHasThemInOrderAndEachOnce() throws {
        let (first, second) = (try Self.address("::6@lo"), try Self.address("::7@lo"))
        func check(_ prerequisites: [HostPrerequisite]) throws {
            try Ruleset(instance: .mesh, families: [.ipv6], prerequisites: prerequisites).check()
        }
        try check([])
        try check([first, second])
        for wrong in [[second, first], [first, first], [first, second, first]] {
            #expect(throws: RulesetProblem.unorderedPrerequisites) { try check(wrong) }
        }
    }

    @Test func whatIsSharedStays() throws {
        let (first, second) = (try Self.address("::6@lo"), try Self.address("::7@lo"))
        #expect(SharedPrerequisites.all.contains(first))
        #expect(SharedPrerequisites.only([first]).contains(first))
        #expect(!SharedPrerequisites.only([first]).contains(second))
        #expect(!SharedPrerequisites.none.contains(first))
    }
}
