import LinuxHost
import RuleIR
import TproxyOperations

/// A change that waits for confirmation, in the reports of `apply` and `status`.
struct ConfirmationReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case guardian = "guard"
        case deadline, secondsLeft, isOverdue, instance
    }

    /// What restores the former rules: a timer of systemd, or processes.
    var guardian: String?
    /// The deadline by the present time of day.
    var deadline: String?
    var secondsLeft: Int
    /// Whether the deadline has passed and nothing has restored the former rules.
    var isOverdue: Bool
    var instance: String

    init(_ pending: PendingChange) {
        guardian = pending.guardian?.words
        secondsLeft = pending.deadline.secondsLeft
        isOverdue = pending.isOverdue
        deadline = isOverdue ? nil : pending.deadlineTime?.description
        instance = "\(pending.instance)"
    }
}

extension PendingChange {
    /// The sentence that `apply` and `status` print.
    var words: String {
        guard !isOverdue else {
            return "NOT CONFIRMED in time, and the former rules are not restored:"
                + " run 'tproxy rollback'"
        }
        return "the former rules return \(deadlineWords), unless 'tproxy confirm' runs"
            + (guardian.map { " (\($0.words))" } ?? "")
    }
}

/// The result of `confirm`.
struct ConfirmReport: JSONReport {
    static let schema = "tproxy.confirm/1"

    var instance: String
    /// The backend of the rules that stay, and their digest.
    var backend: String
    var digest: String

    init(_ pending: PendingChange) {
        instance = "\(pending.instance)"
        backend = pending.backend.text
        digest = pending.digest
    }

    var words: String { "\(backend), digest \(digest.prefix(12))" }
}

/// The result of `rollback`.
struct RollbackReport: JSONReport {
    static let schema = "tproxy.rollback/1"

    var instance: String
    /// The backends whose former rules were loaded again.
    var restored: [String]
    /// The backends whose rules were removed, because they had none before.
    var removed: [String]
    /// The prerequisites that were made or undone, such as `::6/128 on lo`.
    var added: [String]
    var undone: [String]

    init(_ pending: PendingChange, _ result: RestoredRules) {
        instance = "\(pending.instance)"
        restored = result.restored.map(\.text)
        removed = result.removed.map(\.text)
        added = result.made.map(\.description)
        undone = result.undone.map(\.description)
    }

    var text: String {
        let lines =
            restored.map { "restored the former rules of \($0)" }
            + removed.map { "removed the rules of \($0)" } + added.map { "added \($0)" }
            + undone.map { "removed \($0)" }
        return lines.isEmpty
            ? "the former rules were loaded already" : lines.joined(separator: "\n")
    }
}
