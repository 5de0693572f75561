package import Foundation

/// Files that the program makes and that reviewers read.
package enum Golden {
    /// How the file differs, or nil.
    ///
    /// With `RECORD=1` the file is rewritten, which counts as a difference as well.
    package static func difference(_ text: String, _ file: URL) -> String? {
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try? text.write(to: file, atomically: true, encoding: .utf8)
            return "recorded \(file.lastPathComponent); run again without RECORD"
        }
        guard let recorded = try? String(contentsOf: file, encoding: .utf8) else {
            return "\(file.path) is missing; run 'make golden'"
        }
        guard recorded != text else { return nil }
        let pairs = zip(recorded.split(separator: "\n"), text.split(separator: "\n"))
        let first = pairs.first { $0 != $1 }
        return "\(file.path) is stale; run 'make golden'. First: \(String(describing: first))"
    }
}
