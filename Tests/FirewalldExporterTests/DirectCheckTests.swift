import FirewalldExporter
import Testing
import TproxyTestSupport

/// Errors for which firewalld would drop all direct rules are found beforehand.
@Suite struct DirectCheckTests {
    private func findings(_ elements: String) throws -> [DirectFinding] {
        try DirectCheck.findings(in: Array("<direct>\n\(elements)\n</direct>".utf8))
    }

    private static let place = "ipv='ipv4' table='nat'"

    @Test(
        arguments: [
            ("<chain \(place)/>", DirectFinding.Kind.missingAttribute("chain", of: "chain")),
            ("<chain \(place) chain='a' x='1'/>", .unknownAttribute("x", of: "chain")),
            ("<chain ipv='ipv5' table='nat' chain='a'/>", .unknownFamily("ipv5")),
            ("<chain ipv='eb' table='raw' chain='a'/>", .unknownTable("raw", family: "eb")),
            ("<chain \(place) chain='OUTPUT'/>", .builtInChain("OUTPUT")),
            (
                "<rule \(place) chain='OUTPUT'>-j DROP</rule>",
                .missingAttribute("priority", of: "rule")
            ),
            ("<rule \(place) chain='OUTPUT' priority='1.5'>-j DROP</rule>", .notAPriority("1.5")),
            ("<rule \(place) chain='OUTPUT' priority=''>-j DROP</rule>", .notAPriority("")),
            ("<rule \(place) chain='OUTPUT' priority='1'>-j 'X</rule>", .unsplittableArguments),
            ("<passthrough>-L</passthrough>", .missingAttribute("ipv", of: "passthrough")),
            ("<passthrough ipv='ip'>-L</passthrough>", .unknownFamily("ip")),
        ] as [(String, DirectFinding.Kind)])
    func errorsThatDropAllRulesAreFatal(elements: String, kind: DirectFinding.Kind) throws {
        let found = try findings(elements)
        #expect(found.map(\.kind) == [kind])
        #expect(found.map(\.severity) == [.fatal])
        #expect(found.map(\.place.line) == [2])
    }

    @Test(
        arguments: [
            (
                "<chain \(place) chain='a'/>\n<chain \(place) chain='a'/>",
                DirectFinding.Kind.duplicateChain("a")
            ),
            ("\n<rule \(place) chain='b' priority='0'>-j DROP</rule>", .undeclaredChain("b")),
            ("\n<rule \(place) chain='OUTPUT' priority='0'>-j b</rule>", .unknownTarget("b")),
            ("\n<rule \(place) chain='OUTPUT' priority='0'>--goto b</rule>", .unknownTarget("b")),
            ("\n<rule \(place) chain='OUTPUT' priority='0'/>", .noArguments("rule")),
            (
                "\n<rule \(place) chain='OUTPUT' priority='9999999999'>-j DROP</rule>",
                .priorityOutOfRange("9999999999")
            ),
            (
                "<chain ipv='ipv6' table='nat' chain='a'/>\n"
                    + "<rule \(place) chain='OUTPUT' priority='0'>-j a</rule>", .unknownTarget("a")
            ),
        ] as [(String, DirectFinding.Kind)])
    func errorsOfOneElementAreDoubtful(elements: String, kind: DirectFinding.Kind) throws {
        let found = try findings(elements)
        #expect(found.map(\.kind) == [kind])
        #expect(found.map(\.severity) == [.doubtful])
        #expect(found.map(\.place.line) == [3])
    }

    @Test func aChainMayFollowItsUse() throws {
        let found = try findings(
            "<rule \(Self.place) chain='OUTPUT_direct' priority=' +1 '>-j a</rule>"
                + "<chain \(Self.place) chain='a'/>"
                + "<rule \(Self.place) chain='a' priority='-1'>-j REJECT</rule>")
        #expect(found.isEmpty)
    }

    @Test(arguments: ExporterTests.scenarios)
    func ourElementsHaveNoFindings(_ scenario: Scenario) throws {
        let output = try FirewalldExporter(version: "1.2.3").emit(scenario.compile().ruleset)
        let bytes = try #require(try DirectFile.merging(output, into: nil).bytes)
        #expect(try DirectCheck.findings(in: bytes) == [])
    }
}
