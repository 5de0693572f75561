import TproxyCommands

extension FuzzTarget {
    /// A file of `assert`; reports repeat each assertion as a line that reads back.
    static let assertions = FuzzTarget(name: "assertions") { bytes in
        guard let text = bytes.text else { return }
        switch CommandInput.assertions(text) {
        case .failure(let problem):
            try promise(!problem.diagnostics.isEmpty, "refused without a diagnostic")
            try ReadableDiagnostics.check(problem.diagnostics)
        case .success(let lines):
            let written = lines.joined(separator: "\n")
            guard case .success(let again) = CommandInput.assertions(written) else {
                throw BrokenPromise("our own output is refused: \(written)")
            }
            try promise(again == lines, "assertions read back differently")
        }
    }
}
