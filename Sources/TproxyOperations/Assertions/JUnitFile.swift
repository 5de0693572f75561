import Diagnostics
import LinuxHost
import Review

/// The proofs of assertions as a file that CI systems read (JUnit XML).
package struct JUnitFile {
    /// An assertion with its verdict, as text.
    package struct Case {
        package var place: String
        package var assertion: String
        /// The kind of failure and its details; nil for a proved assertion.
        package var failure: (kind: String, details: String)?

        package init(place: String, assertion: String, failure: (kind: String, details: String)?) {
            self.place = place
            self.assertion = assertion
            self.failure = failure
        }
    }

    /// The file exists and isn't one of these.
    private struct Foreign: Error {}

    private static let head = """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="tproxy assert"
        """

    package let text: String

    /// Creates the file; `suite` names the rules that the assertions are about.
    package init(suite: String, _ cases: [Case]) {
        let failures = cases.count { $0.failure != nil }
        let counts = " tests=\"\(cases.count)\" failures=\"\(failures)\""
        text = """
            \(Self.head)\(counts)>
              <testsuite name="\(Markup.escaped(suite))"\(counts) errors="0" skipped="0">
            \(cases.map(Self.element).joined(separator: "\n"))
              </testsuite>
            </testsuites>

            """
    }

    private static func element(_ one: Case) -> String {
        let open =
            "    <testcase name=\"\(Markup.escaped(one.assertion))\""
            + " classname=\"\(Markup.escaped(one.place))\""
        guard let (kind, details) = one.failure else { return open + "/>" }
        return """
            \(open)>
                  <failure type="\(kind)" message="\(kind)">\(Markup.escaped(details))</failure>
                </testcase>
            """
    }

    /// Writes the file; refuses to replace a file of another kind.
    package func write(to path: String) throws(OperationFailure) {
        do throws(HostFileUpdateError<Foreign>) {
            try HostFile(path).update(defaultMode: 0o644) { old throws(Foreign) in
                if let old, !old.isEmpty, !old.starts(with: Self.head.utf8) { throw Foreign() }
                return Array(text.utf8)
            }
        } catch {
            switch error {
            case .file(let problem): throw OperationFailure(problem.diagnostic)
            case .refused: throw OperationFailure(.notJUnit(path))
            }
        }
    }
}
