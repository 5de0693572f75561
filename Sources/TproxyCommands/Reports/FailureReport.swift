/// The document of a run with `--output json` that failed before it had a result.
///
/// The diagnostics that every document has say why.
struct FailureReport: JSONReport {
    static let schema = "tproxy.failure/1"

    /// The exit status of the program.
    var exitStatus: Int32
}
