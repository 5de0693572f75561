/// What a fault came to.
struct FaultOutcome: Sendable {
    /// What was there when the run had ended.
    enum State: String, Sendable {
        case old
        case new
        case between
    }

    var request: String
    var status: Int
    var state: State
    /// What the shell found that should never be: `not-healed`, `something-left`.
    var complaints: [String]
    /// What the run printed, and differences.
    var words: String

    private static let notStruck = "not-struck"

    /// How many files of /proc and messages of netlink are read depends on who else is at work.
    ///
    /// A run that meets no fault must do all of its work, though.
    private var mayBeMissed: Bool {
        (request.hasPrefix("file") || request.hasPrefix("netlink")) && status == 0 && state == .new
    }

    var step: String { String(request.prefix { $0 != ":" }) }

    var isKill: Bool { request.hasSuffix(":kill") || request.hasSuffix(":kill-after") }

    private var tellsOfChange: Bool {
        [
            "the new rules are in", "the rules are removed", "the new content is in place",
            "the command itself succeeded",
        ].contains(where: words.contains)
    }

    /// Rules and a file of one command are two things; each is whole.
    private var tellsOfPart: Bool {
        [
            "the rules are loaded and redirect now, but", "the loaded rules are removed, but",
        ].contains(where: words.contains)
    }

    /// What is wrong with it; nil for what is promised.
    var breach: String? {
        if complaints == [Self.notStruck], mayBeMissed { return nil }
        guard complaints.isEmpty else { return complaints.joined(separator: ", ") }
        if isKill { return status == 137 ? nil : "it was to be killed, and exited \(status)" }
        switch (status, state) {
        case (0, .new): return nil
        case (0, .old), (0, .between): return "it failed, and exited 0"
        case (1, .old): return tellsOfChange ? "it tells of a change" : nil
        case (1, .new): return tellsOfChange ? nil : "it doesn't tell of the change"
        case (1, .between): return tellsOfPart ? nil : "a part was changed"
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
