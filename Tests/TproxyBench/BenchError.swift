import Sockets

/// Why nothing could be measured.
enum BenchError: Error, Hashable {
    case usage(String)
    /// This network namespace has other interfaces than `lo`.
    case notPrivate(interface: String)
    case missing(program: String)
    case system(step: String, reason: String)
    /// A program that had to succeed failed; `errors` is what it printed.
    case failed(command: String, ending: String, errors: String)
    /// A program succeeded, but its result is missing.
    case notAsExpected(String)

    var text: String {
        switch self {
        case .usage(let problem): problem
        case .notPrivate(let interface):
            "this network namespace has the interface \(interface): rules are loaded only in new "
                + "namespaces; run 'make bench'"
        case .missing(let program): "\(program) isn't installed: run '.ci/setup bench'"
        case .system(let step, let reason): "\(step): \(reason)"
        case .failed(let command, let ending, let errors):
            "'\(command)' \(ending)" + (errors.isEmpty ? "" : ":\n\(errors)")
        case .notAsExpected(let what): what
        }
    }
}

extension BenchError {
    init(_ error: SocketError) {
        self = .system(step: error.step, reason: error.reason)
    }
}
