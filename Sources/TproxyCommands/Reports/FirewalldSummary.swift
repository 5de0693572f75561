import Diagnostics
import FirewalldExporter
import LinuxHost
import TproxyOperations

/// Describes the change of `direct.xml` in one line, and prints its notices.
enum FirewalldSummary {
    static func stored(
        _ outcome: FirewalldStore.Outcome, _ emission: FirewalldExporter.Output, in path: String
    ) -> String {
        Console.report(outcome.notices)
        let digest = "digest \(emission.digest.prefix(12))"
        switch outcome.file {
        case .unchanged:
            return "unchanged: \(VisibleText.of(path)) already holds these rules (\(digest))"
        case .created, .replaced, .deleted:
            return
                "stored \(emission.elements.count) elements in \(VisibleText.of(path)) (\(digest))"
        }
    }

    static func removed(_ outcome: FirewalldStore.Outcome, from path: String) -> String {
        Console.report(outcome.notices)
        switch outcome.file {
        case .unchanged: return "nothing to remove from \(VisibleText.of(path))"
        case .deleted: return "removed \(VisibleText.of(path)), which held nothing else"
        case .created, .replaced:
            return "removed \(outcome.removed) elements from \(VisibleText.of(path))"
        }
    }
}
