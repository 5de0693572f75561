import FirewalldExporter
import Testing

/// Random files, including some that people would not write.
@Suite struct RandomFileTests {
    @Test func mergeAndRemovalAreInverse() throws {
        let output = try MergeTests.output()
        let small = FirewalldExporter.Output(
            elements: Array(output.elements.prefix(40)), version: output.version,
            digest: output.digest)
        for seed in 1...400 {
            var random = SeededGenerator(state: UInt64(seed))
            let file = Self.file(&random)
            let merged = try DirectFile.merging(small, into: Array(file.utf8))
            #expect(
                try DirectFile.merging(small, into: merged.bytes).bytes == merged.bytes,
                "seed \(seed)")
            let removed = try DirectFile.removing(from: merged.bytes)
            #expect(removed.bytes.map(text) == file, "seed \(seed)")
        }
    }

    /// Files with our block, whose lines are removed, duplicated and moved at random.
    @Test func mergingIntoAnEditedFileIsIdempotent() throws {
        let output = try MergeTests.output("no-comments")
        for seed in 1...300 {
            var random = SeededGenerator(state: UInt64(seed))
            let file = try #require(Corpus.all.randomElement(using: &random))
            let merged = try #require(try DirectFile.merging(output, into: file.bytes).bytes)
            var lines = merged.split(separator: 10, omittingEmptySubsequences: false)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let line = lines.remove(at: Int.random(in: lines.indices, using: &random))
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    lines.insert(line, at: Int.random(in: lines.indices, using: &random))
                }
            }
            let edited = Array(lines.joined(separator: [10]))
            _ = try? DirectFile.removing(from: edited)
            guard let once = try? DirectFile.merging(output, into: edited) else { continue }
            let twice = try DirectFile.merging(output, into: once.bytes)
            #expect(twice.bytes == once.bytes, "seed \(seed)")
        }
    }

    private static let blanks = ["", " ", "\n", "\n  ", "\r\n", "\r\n\t", "\t", "\n\n", "  \n"]

    private static func file(_ random: inout SeededGenerator) -> String {
        let blank = { (random: inout SeededGenerator) in blanks.randomElement(using: &random) ?? ""
        }
        var text = ["", Corpus.declaration, "\u{FEFF}"].randomElement(using: &random) ?? ""
        text += ["", "<!-- a -->", "<?b c?>", "\n"].randomElement(using: &random) ?? ""
        guard Int.random(in: 0..<10, using: &random) > 0 else { return text }
        guard Int.random(in: 0..<10, using: &random) > 0 else {
            return text + "<direct\(blank(&random))/>" + blank(&random)
        }
        text += "<direct\(blank(&random))>"
        for _ in 0..<Int.random(in: 0..<8, using: &random) {
            text += blank(&random) + element(&random)
        }
        return text + blank(&random) + "</direct\(blank(&random))>" + blank(&random)
    }

    private static func element(_ random: inout SeededGenerator) -> String {
        let quote = ["\"", "'"].randomElement(using: &random) ?? "'"
        func attribute(_ name: String, _ values: [String]) -> String {
            " \(name)=\(quote)\(values.randomElement(using: &random) ?? "")\(quote)"
        }
        let place =
            attribute("ipv", ["ipv4", "ipv6", "eb"]) + attribute("table", ["nat", "filter"])
            + attribute("chain", ["OUTPUT", "mine", "KUMA_MESH_INBOUND", "KUMA_MESH_X", "&lt;"])
        let arguments = [
            "-j ACCEPT", "-m comment --comment 'a -- b--- &amp; &#45;'  -j X", "", "--- -", "\n",
            "-j KUMA_MESH_INBOUND", "<![CDATA[ <--> &amp; ]]>", "<!-- in -->-j <?p i?>DROP",
        ]
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return "<chain\(place)/>"
        case 1: return "<chain\(place)></chain >"
        case 2:
            return "<rule\(place)\(attribute("priority", ["0", "-1", "3"]))>"
                + "\(arguments.randomElement(using: &random) ?? "")</rule>"
        case 3:
            return "<passthrough\(attribute("ipv", ["ipv4"]))>"
                + "\(arguments.randomElement(using: &random) ?? "")</passthrough>"
        case _:
            return ["<!-- c -->", "<?p?>", "words", "&#65;"].randomElement(using: &random) ?? ""
        }
    }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
