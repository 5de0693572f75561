import Diagnostics

// Diagnostics about the arguments and the output of commands; one function for each message.
extension Diagnostic {
    static func resultLost(_ reason: String) -> Diagnostic {
        .error(
            id: "result-lost", "cannot write the result to standard output: \(reason)",
            notes: ["the command itself succeeded"],
            help: "free disk space or redirect standard output")
    }

    static func reportWithoutJSON(_ reason: String) -> Diagnostic {
        .error(
            id: "report-without-json", "the result has no JSON form: \(reason)",
            help: "report this: it is a defect of tproxy")
    }

    /// An error that no operation describes.
    static func failed(_ reason: String) -> Diagnostic {
        .error(id: "failed", reason, help: "report this: it is a defect of tproxy")
    }

    static func invalidArgument(
        _ flag: String, _ value: String, expected: String
    ) -> Diagnostic {
        .error(
            id: "invalid-argument", "'\(value)' is not a value for \(flag)",
            at: SourceLocation(
                source: flag,
                excerpt: .init(
                    line: "\(flag) \(value)", column: flag.count + 2, length: max(1, value.count))),
            help: "give \(expected)")
    }

    static func enableWithRemove() -> Diagnostic {
        .error(
            id: "conflicting-flags", "--enable and --remove are both given",
            help: "give --remove alone: it disables the unit as well")
    }

    static func preflightLeftOut() -> Diagnostic {
        Diagnostic(
            .note, id: "preflight-left-out",
            "the preflight was skipped because the facts are from a file",
            help: "run 'tproxy preflight' on that host")
    }
}
