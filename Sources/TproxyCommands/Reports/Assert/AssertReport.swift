import Diagnostics
import RuleTrace
import TproxyOperations

/// The result of `assert`.
struct AssertReport: JSONReport {
    static let schema = "tproxy.assert/1"

    struct Assertion: Encodable {
        /// FILE:LINE:COLUMN.
        var place: String
        /// The assertion in the grammar that the file has.
        var assertion: String
        /// `proved`, `refuted`, `unknown` or `empty`.
        var verdict: String
        /// A packet that is treated otherwise, or of which this is unknown.
        var counterexample: PacketAnswer?
    }

    /// The rules that the assertions are about, in words.
    var rules: String
    var proved: Bool
    var assertions: [Assertion]

    init(_ check: AssertionCheck, of subject: AssertionSubject) {
        let words = TraceMessages(subject.trace.rules, config: subject.config)
        rules = subject.name
        proved = check.isProved
        assertions = check.results.map { result in
            let (verdict, explanation) = Self.verdict(result.proof)
            return Assertion(
                place: result.assertion.location.description, assertion: result.assertion.text,
                verdict: verdict, counterexample: explanation.map { PacketAnswer($0, words) })
        }
    }

    private static func verdict(_ proof: Proof) -> (String, Explanation?) {
        switch proof {
        case .proved: ("proved", nil)
        case .refuted(let explanation): ("refuted", explanation)
        case .unknown(let explanation): ("unknown", explanation)
        case .empty: ("empty", nil)
        }
    }

    /// The same result for CI systems.
    var junit: JUnitFile {
        JUnitFile(
            suite: rules,
            assertions.map { one in
                let details = one.details.joined(separator: "\n")
                return JUnitFile.Case(
                    place: one.place, assertion: one.assertion,
                    failure: one.verdict == "proved" ? nil : (kind: one.verdict, details: details))
            })
    }

    var text: ReportText {
        var report = ReportText()
        for assertion in assertions {
            let isProved = assertion.verdict == "proved"
            report.add(
                [
                    Span(assertion.verdict.padded(to: 10), isProved ? .good : .alarming),
                    Span(assertion.assertion),
                ], hanging: 12)
            for line in assertion.details { report.add("          \(line)", hanging: 20) }
        }
        report.addBlankLine()
        let broken = assertions.count { $0.verdict != "proved" }
        let summary = PacketAnswer.counted(assertions.count, "assertion") + " about \(rules): "
        report.add(
            broken == 0
                ? Span(summary + "all proved", .good)
                : Span(summary + "\(broken) NOT proved", .alarming))
        return report
    }
}

extension AssertReport.Assertion {
    /// Why the assertion isn't proved, in lines with a label of ten columns.
    var details: [String] {
        guard let answer = counterexample else {
            return verdict == "empty"
                ? ["no packet of this host has the pattern (\(place))"] : []
        }
        return ["place     \(place)", "such as   \(answer.asked.text)"] + answer.lines.dropFirst()
    }
}
