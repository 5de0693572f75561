package import Diagnostics

/// Why an operation was refused or failed: what to tell the user, errors and what led to them.
///
/// Nothing was changed, unless a diagnostic says so.
package struct OperationFailure: Error {
    package var diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    package init(_ diagnostic: Diagnostic) {
        diagnostics = [diagnostic]
    }
}
