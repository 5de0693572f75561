import Addressing
import FirewalldExporter
import HostFacts
import RuleCompiler
import TproxyConfig

extension FuzzTarget {
    /// firewalld's file: foreign bytes stay, and our elements can be removed.
    static let directXML = FuzzTarget(name: "direct-xml") { bytes in
        let clean: [UInt8]
        do throws(DirectFileProblem) {
            _ = try DirectCheck.findings(in: bytes)
            guard let rest = try DirectFile.removing(from: bytes).bytes else { return }
            clean = rest
        } catch {
            // A file that can't be read is never written.
            guard (try? DirectFile.merging(DirectFileInvariants.output, into: bytes)) == nil else {
                throw BrokenPromise("merged into a file that can't be read")
            }
            return
        }
        try DirectFileInvariants.check(clean)
        if let text = bytes.text { try ListedRulesInvariants.check(try DirectRules.read(text)) }
    }
}

enum DirectFileInvariants {
    /// A few elements of every kind: the rules of a small configuration.
    static let output: FirewalldExporter.Output = {
        let compilation = RuleCompiler(TproxyConfig(), on: HostFacts()).compile()
        let whole = try? FirewalldExporter(version: "0").emit(compilation.ruleset)
        return FirewalldExporter.Output(
            elements: whole?.elements ?? [], version: "0", digest: whole?.digest ?? "")
    }()

    /// `clean` is a file without elements of ours.
    static func check(_ clean: [UInt8]) throws {
        let again = try DirectFile.removing(from: clean)
        try promise(again.bytes == clean, "a second removal removes more")
        let merged = try DirectFile.merging(output, into: clean)
        guard let with = merged.bytes else { throw BrokenPromise("nothing was written") }
        try promise(
            try DirectFile.merging(output, into: with).bytes == with, "a second merge changes it")
        let removed = try DirectFile.removing(from: with)
        try promise(removed.bytes == clean, "merge and removal don't give the file back")
        if merged.setAside == 0 { try promise(isOneInsertion(clean, with), "foreign bytes moved") }
    }

    /// Whether `new` is `old` with one insertion, or with `/>` opened for it.
    private static func isOneInsertion(_ old: [UInt8], _ new: [UInt8]) -> Bool {
        let before = zip(old, new).prefix { $0 == $1 }.count
        let behind = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count
        return before + behind >= old.count - "/>".utf8.count
    }
}
