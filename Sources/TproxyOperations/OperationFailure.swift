package import Diagnostics

/// The diagnostics of an operation that was refused or failed: errors and related messages.
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
