import Diagnostics
import JSON

/// An error as the CNI specification has it: a code, a message, and details.
struct CNIError: Error {
    /// The codes of the specification (0 to 99), and ours.
    enum Code: Int {
        case incompatibleVersion = 1
        case unsupportedField = 2
        case unknownContainer = 3
        case invalidEnvironment = 4
        case ioFailure = 5
        case undecodable = 6
        case invalidConfiguration = 7
        case tryAgainLater = 11
        case unavailable = 50
        /// CHECK: the loaded rules differ from those of the pod, or are missing.
        case differs = 100
        /// The kernel or the node refuses: a missing feature or capability.
        case refused = 101
    }

    var code: Code
    var message: String
    var details = ""

    init(_ code: Code, _ message: String, details: String = "") {
        self.code = code
        self.message = message
        self.details = details
    }

    /// Creates an error from diagnostics: the first error is the message, all are the details.
    ///
    /// `subject` is the pod, which the message has to name.
    init(_ code: Code, _ subject: String, _ diagnostics: [Diagnostic]) {
        let first = diagnostics.first { $0.severity == .error }
        let message = first?.messageAndHelp ?? "unknown error"
        let place = first?.location.map { "\($0): " } ?? ""
        let isNamed = message.hasPrefix(subject) || place.hasPrefix(subject)
        self.code = code
        self.message = (isNamed ? "" : "\(subject): ") + place + message
        details = diagnostics.map { DiagnosticPrinter().text(of: $0) }.joined(separator: "\n")
    }

    func json(version: String) -> JSONValue {
        [
            "cniVersion": .string(version), "code": .number(code.rawValue),
            "msg": .string(VisibleText.of(message)), "details": .string(VisibleText.lines(details)),
        ]
    }
}
