import Diagnostics
import FirewalldExporter
import Foundation
import PersistenceFiles
import RuleIR
import Testing
import TproxyConfig
import TproxyTestSupport

/// Files that other programs read.
@Suite struct FileTests {
    /// The unit has the same settings as with plain values, and systemd accepts all of them.
    @Test func hostileValuesAddNoSettingToAUnit() async throws {
        let texts = HostileValue.all.map(\.text).filter { text in
            !text.contains("\0")
                && !text.unicodeScalars.contains(where: \.properties.isNoncharacterCodePoint)
        }
        let allowed = texts.filter { text in
            !text.unicodeScalars.contains {
                ($0.value < 0x20 && $0 != "\n" && $0 != "\t") || $0.value == 0x7F
            }
        }
        func unit(_ texts: [String], _ allowed: [String]) throws -> String {
            try SystemdUnit(
                instance: .mesh, program: "/usr/bin/env",
                configurationFiles: texts.map { "/etc/" + $0 }, flags: texts.map { "--vnet=" + $0 },
                environment: allowed.enumerated().map { .init("A\($0)", $1) },
                facts: allowed.map { $0.filter { $0 != "\n" && $0 != "\r\n" } }.joined(
                    separator: "\n")
            ).body()
        }
        let plain = try unit(texts.map { _ in "x" }, allowed.map { _ in "x" })
        let hostile = try unit(texts, allowed)
        let names = { (body: String) in
            body.split(separator: "\n").filter { !$0.hasPrefix("StandardInputText=") }
                .map { $0.prefix { $0 != "=" } }
        }
        #expect(names(hostile) == names(plain))
        let folder = try TestFolder()
        let file = folder.url.appendingPathComponent("tproxy-mesh.service")
        try Data(hostile.utf8).write(to: file)
        let verified = try await Command.run(
            "systemd-analyze", ["--man=no", "verify", file.path],
            environment: ["SYSTEMD_UNIT_PATH": folder.url.path + ":"])
        let complaints = verified.errors.split(separator: "\n").filter {
            $0.contains("tproxy-mesh.service:")
        }
        #expect(complaints == [], "\(verified.errors)")
    }

    @Test func charactersThatSystemdDropsAreRefused() {
        let unit = SystemdUnit(
            instance: .mesh, program: "/usr/bin/env", configurationFiles: [],
            flags: ["--vnet=\u{FFFE}"], environment: [], facts: "")
        #expect(throws: SystemdUnit.Problem.noncharacter) { try unit.body() }
    }

    /// Foreign elements stay the same when ours are added and removed.
    @Test func hostileForeignElementsStay() async throws {
        let output = try FirewalldExporter(version: "0").emit(
            Configuration.compile(TproxyConfig()).ruleset)
        func merged(_ texts: [String]) throws -> String {
            let file = Self.file(texts)
            let merged = try #require(
                try DirectFile.merging(output, into: Array(file.utf8)).bytes)
            #expect(try DirectFile.removing(from: merged).bytes == Array(file.utf8))
            return String(decoding: merged, as: UTF8.self)
        }
        let texts = HostileValue.all.map(\.text).filter(Self.isXML)
        let hostile = try await shape(of: try merged(texts))
        #expect(try await shape(of: try merged(texts.map { _ in "x" })) == hostile)
    }

    /// Characters that XML forbids are refused.
    @Test(arguments: HostileValue.all.filter { !isXML($0.text) })
    func charactersThatXMLForbidsAreRefused(value: HostileValue) {
        #expect(throws: DirectFileProblem.self) {
            try DirectFile.removing(from: Array(Self.file([value.text]).utf8))
        }
    }

    /// Each element with the names of its attributes, as libxml2 reads them.
    private func shape(of document: String) async throws -> [Substring] {
        let outcome = try await Command.run(
            "xmllint", ["--noout", "--debug", "-"], input: document)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output.split(separator: "\n").filter {
            $0.contains("ELEMENT") || $0.contains("ATTRIBUTE") || $0.contains("COMMENT")
        }
    }

    private static func file(_ texts: [String]) -> String {
        let elements = texts.map(xml).map { text in
            """
              <chain ipv="ipv4" table="nat" chain="\(text)"/>
              <rule ipv="ipv4" table="nat" chain="\(text)" priority="0">-m x \(text)</rule>

            """
        }
        return "<direct>\n" + elements.joined() + "</direct>\n"
    }

    private static func isXML(_ text: String) -> Bool {
        !text.unicodeScalars.contains { $0.value < 0x20 && !["\n", "\t", "\r"].contains($0) }
            && !text.unicodeScalars.contains { $0.properties.isNoncharacterCodePoint }
    }

    private static func xml(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
