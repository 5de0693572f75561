import TproxyCommands

extension FuzzTarget {
    /// A file of `explain --packets`; the answers repeat each packet as a line that reads back.
    static let packetLines = FuzzTarget(name: "packet-lines") { bytes in
        guard let text = bytes.text else { return }
        switch CommandInput.packets(text) {
        case .failure(let problem):
            try promise(!problem.diagnostics.isEmpty, "refused without a diagnostic")
            try ReadableDiagnostics.check(problem.diagnostics)
        case .success(let lines):
            let written = lines.joined(separator: "\n")
            guard case .success(let again) = CommandInput.packets(written) else {
                throw BrokenPromise("our own output is refused: \(written)")
            }
            try promise(again == lines, "packets read back differently")
        }
    }
}
