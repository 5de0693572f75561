import Diagnostics
import Testing

@testable import TproxyCommands

/// An excerpt shows what was typed, and the caret stands under it.
@Suite struct TypedWordsTests {
    private func printed(_ flag: String, _ value: String, typed: [String]) -> [Substring] {
        let place = SourceLocation(
            source: flag,
            excerpt: .init(
                line: "\(flag) \(value)", column: flag.count + 2, length: max(1, value.count)))
        let diagnostic = TypedWords(typed).placing(.error(id: "x", "message", at: place))
        return DiagnosticPrinter().text(of: diagnostic).split(separator: "\n").dropFirst()
            .map { $0.dropFirst(4) }
    }

    @Test func valueIsMarkedInTheFormThatWasTyped() {
        #expect(
            printed("--wait", "soon", typed: ["plan", "--wait=soon"])
                == ["--wait=soon", "       ^~~~"])
        #expect(
            printed("--wait", "soon", typed: ["plan", "--wait", "soon"])
                == ["--wait soon", "       ^~~~"])
    }

    @Test func valueThatWasNotTypedIsNotMarked() {
        #expect(
            printed("--store-firewalld", "true", typed: ["plan", "--store-firewalld", "--wait=5"])
                == ["--store-firewalld", "^~~~~~~~~~~~~~~~~"])
        #expect(printed("--wait", "", typed: ["plan", "--wait", ""]) == ["--wait", "^~~~~~"])
        #expect(printed("--to", "", typed: ["explain"]) == [])
    }
}
