import Diagnostics

/// A diagnostic as JSON.
struct DiagnosticReport: Encodable {
    /// `error`, `warning` or `note`.
    var severity: String
    /// A stable identifier.
    var id: String
    var message: String
    /// FILE:LINE:COLUMN, a flag or an environment variable.
    var place: String?
    var notes: [String]
    var remedy: String?

    init(_ diagnostic: Diagnostic) {
        severity = diagnostic.severity.rawValue
        id = diagnostic.id
        message = diagnostic.message
        place = diagnostic.location.map(\.description)
        notes = diagnostic.notes
        remedy = diagnostic.help
    }
}
