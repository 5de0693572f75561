/// The outcome of a fault.
struct FaultOutcome: Sendable {
    /// The state after the run.
    enum State: String, Sendable {
        case old
        case new
        case between
    }

    var request: String
    var status: Int
    var state: State
    /// The violations that the shell found: `not-healed`, `something-left`.
    var complaints: [String]
    /// What the run printed, and differences.
    var words: String

    private static let notStruck = "not-struck"

    /// How many files of /proc and messages of netlink are read depends on other processes, and
    /// whether a note says that a step was retried.
    ///
    /// A run that meets no fault must succeed, though.
    private var mayBeMissed: Bool {
        ["file", "netlink", "print"].contains { request.hasPrefix($0) } && status == 0
            && state == .new
    }

    var step: String { String(request.prefix { $0 != ":" }) }

    var isKill: Bool { request.hasSuffix(":kill") || request.hasSuffix(":kill-after") }

    private var tellsOfChange: Bool {
        [
            "the new rules are in", "the rules are removed", "the new content is in place",
            "the command itself succeeded",
        ].contains { words.contains($0) }
    }

    /// A command may change rules and a file; each of them is whole.
    private var tellsOfPart: Bool {
        [
            "the rules are loaded and redirect now, but", "the loaded rules are removed, but",
        ].contains { words.contains($0) }
    }

    /// The promise that it breaks, if any.
    var breach: String? {
        if complaints == [Self.notStruck], mayBeMissed { return nil }
        guard complaints.isEmpty else { return complaints.joined(separator: ", ") }
        if isKill { return status == 137 ? nil : "it was not killed, but exited with \(status)" }
        switch (status, state) {
        case (0, .new): return nil
        case (0, .old), (0, .between): return "exit status 0 without the change"
        case (1, .old): return tellsOfChange ? "the error claims a change" : nil
        case (1, .new): return tellsOfChange ? nil : "the error doesn't mention the change"
        case (1, .between): return tellsOfPart ? nil : "only a part was changed"
        case (let code, _): return "exit code \(code)"
        }
    }
}

extension FaultOutcome {
    /// Reads what the script of an attempt printed.
    init?(_ request: String, output: String, errors: String) {
        var lines = output.split(separator: "\n").map(String.init)
        guard let exit = lines.firstIndex(where: { $0.hasPrefix("exit ") }),
            let status = Int(lines.remove(at: exit).dropFirst("exit ".count)),
            let index = lines.firstIndex(where: { State(rawValue: $0) != nil }),
            let state = State(rawValue: lines.remove(at: index))
        else { return nil }
        self.request = request
        self.status = status
        self.state = state
        complaints = lines
        words = errors
    }
}
