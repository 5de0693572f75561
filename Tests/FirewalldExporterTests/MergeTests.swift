import FirewalldExporter
import Testing
import TproxyTestSupport

/// Removal undoes merging, and merging twice equals merging once.
@Suite struct MergeTests {
    static func output(_ scenario: String = "default") throws -> FirewalldExporter.Output {
        let found = try #require(Scenario.all.first { $0.name == scenario })
        return try FirewalldExporter(version: "1.2.3").emit(found.compile().ruleset)
    }

    @Test(arguments: Corpus.all)
    func removalGivesTheOriginalBytes(_ file: Corpus) throws {
        let merged = try DirectFile.merging(Self.output(), into: file.bytes)
        #expect(merged.bytes != file.bytes)
        let removed = try DirectFile.removing(from: merged.bytes)
        #expect(removed.bytes.map(text) == file.text)
        #expect(removed.removed == merged.added)
        #expect(removed.restored == merged.setAside)
    }

    @Test(arguments: Corpus.all)
    func mergingTwiceEqualsMergingOnce(_ file: Corpus) throws {
        let output = try Self.output()
        let once = try DirectFile.merging(output, into: file.bytes)
        let twice = try DirectFile.merging(output, into: once.bytes)
        #expect(twice.bytes == once.bytes)
    }

    @Test(arguments: Corpus.all)
    func anotherPlanReplacesTheFormerOne(_ file: Corpus) throws {
        let former = try DirectFile.merging(Self.output("everything"), into: file.bytes)
        let latter = try DirectFile.merging(Self.output(), into: former.bytes)
        let alone = try DirectFile.merging(Self.output(), into: file.bytes)
        #expect(latter.bytes == alone.bytes)
        #expect(try DirectFile.removing(from: latter.bytes).bytes == file.bytes)
    }

    @Test(arguments: Corpus.all)
    func foreignContentIsKept(_ file: Corpus) throws {
        let merged = try #require(try DirectFile.merging(Self.output(), into: file.bytes).bytes)
        guard !file.name.contains("kumactl"), file.text.contains("</direct") else { return }
        let parts = file.text.split(separator: "</direct", maxSplits: 1)
        #expect(text(merged).hasPrefix(parts[0]))
        #expect(text(merged).hasSuffix("</direct" + parts[1]))
    }

    @Test func removalDeletesAFileThatMergingCreated() throws {
        let made = try DirectFile.merging(Self.output(), into: nil)
        #expect(try DirectFile.merging(Self.output(), into: made.bytes).bytes == made.bytes)
        #expect(try DirectFile.removing(from: made.bytes).bytes == nil)
        #expect(try DirectFile.removing(from: nil).bytes == nil)
    }

    @Test func laterAdditionsOfAnAdministratorAreKept() throws {
        let made = try #require(try DirectFile.merging(Self.output(), into: nil).bytes)
        let rule = "  <passthrough ipv=\"ipv4\">-L</passthrough>\n"
        let edited = text(made).replacing("</direct>", with: rule + "</direct>")
        let removed = try DirectFile.removing(from: Array(edited.utf8))
        #expect(removed.bytes.map(text) == Corpus.declaration + "<direct>\n" + rule + "</direct>\n")
        #expect(!removed.hasForeignContent)
    }

    @Test func foreignContentInOurBlockIsKept() throws {
        let made = try #require(try DirectFile.merging(Self.output(), into: nil).bytes)
        let guest =
            "  <rule ipv=\"ipv4\" table=\"filter\" chain=\"INPUT\" priority=\"0\">-j DROP</rule>\n"
        let end = "<!-- tproxy end -->"
        let edited = text(made).replacing(end, with: guest + "<!-- mine -->\n" + end)
        let removed = try DirectFile.removing(from: Array(edited.utf8))
        #expect(removed.hasForeignContent)
        #expect(
            removed.bytes.map(text) == Corpus.declaration + "<direct>\n" + guest
                + "<!-- mine -->\n</direct>\n")
    }

    @Test func anEditedRuleOfOursIsRemoved() throws {
        let made = try #require(try DirectFile.merging(Self.output(), into: nil).bytes)
        let edited = text(made).replacing("15001", with: "15999")
        #expect(try DirectFile.removing(from: Array(edited.utf8)).bytes == nil)
    }

    @Test(arguments: ["<!-- tproxy end -->\n", "begin"])
    func removalWorksWithoutOneMark(mark: String) throws {
        let file = Corpus.declaration + "<direct>\n  <!-- mine -->\n</direct>\n"
        let merged = text(
            try #require(try DirectFile.merging(Self.output(), into: Array(file.utf8)).bytes))
        let lines = merged.split(separator: "\n", omittingEmptySubsequences: false)
        let edited =
            mark == "begin"
            ? lines.filter { !$0.contains("tproxy begin") }.joined(separator: "\n")
            : merged.replacing(mark, with: "")
        let removed = try DirectFile.removing(from: Array(edited.utf8))
        #expect(removed.bytes.map(text) == file)
        #expect(removed.unmarked == removed.removed)
    }

    /// Copies of our rules directly after the block, so that its last line touches theirs.
    @Test func bothCopiesOfOurRulesAreRemoved() throws {
        let file = "<direct>\n  <!-- mine -->\n  </direct>\n"
        let merged = text(
            try #require(try DirectFile.merging(Self.output(), into: Array(file.utf8)).bytes))
        let elements = merged.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { $0.hasPrefix("  <chain") || $0.hasPrefix("  <rule") }
            .joined(separator: "\n")
        let end = "<!-- tproxy end -->\n"
        let edited = merged.replacing(end, with: end + elements + "\n")
        let removed = try DirectFile.removing(from: Array(edited.utf8))
        #expect(removed.removed == 2 * removed.unmarked)
        let left = text(removed.bytes ?? [])
        #expect(!left.contains("KUMA_MESH_"))
        #expect(left.contains("<!-- mine -->"))
    }

    @Test func contentAfterOurRootIsKept() throws {
        let merged = text(try #require(try DirectFile.merging(Self.output(), into: []).bytes))
        let removed = try DirectFile.removing(from: Array((merged + "<!-- mine -->\n").utf8))
        #expect(removed.bytes.map(text) == "<direct>\n</direct>\n<!-- mine -->\n")
    }

    /// A comment of ours that was edited.
    @Test func aDamagedElementThatWasDisabledIsNotRestored() throws {
        let merged = text(
            try #require(
                try DirectFile.merging(Self.output(), into: Array(Corpus.kumactls.utf8)).bytes))
        let edited = merged.replacing("</chain> -->", with: " -->")
        #expect(edited != merged)
        #expect(throws: DirectFileProblem.self) {
            try DirectFile.removing(from: Array(edited.utf8))
        }
    }

    @Test func kumactlsElementsAreDisabledAndRestored() throws {
        let merged = try DirectFile.merging(Self.output(), into: Array(Corpus.kumactls.utf8))
        #expect(merged.setAside == 6)
        let others = text(merged.bytes ?? []).split(separator: "<!-- tproxy begin")[0]
        let elements = others.split(separator: "\n")
            .filter { $0.hasPrefix("<chain") || $0.hasPrefix("<rule") }
        #expect(elements.count == 2)
        #expect(elements.allSatisfy { $0.contains("LOGDROP") })
    }

    /// Rules without comments are recognized by the copies in the ownership chain.
    @Test func ourElementsAreRecognizedWithoutComments() throws {
        let output = try Self.output("no-comments")
        let foreign = "<direct>\n  <passthrough ipv=\"eb\">-L</passthrough>\n</direct>\n"
        let merged = try #require(
            try DirectFile.merging(output, into: Array(foreign.utf8)).bytes)
        let unmarked = text(merged).split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("<!--") }.joined(separator: "\n")
        let removed = try DirectFile.removing(from: Array(unmarked.utf8))
        #expect(removed.bytes.map(text) == foreign)
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
