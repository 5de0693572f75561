package import Diagnostics

// Diagnostics about changes that wait for confirmation; one function for each message.
extension Diagnostic {
    static func confirmationPending(_ pending: PendingChange) -> Diagnostic {
        .error(
            id: "confirmation-pending",
            "rules that were applied with --confirm are not confirmed yet: the former rules return"
                + " \(pending.deadlineWords)",
            help: "run 'tproxy confirm' to keep the new rules, or 'tproxy rollback'")
    }

    /// The deadline has passed, and every guard was killed.
    package static func confirmationOverdue(
        _ pending: PendingChange, _ severity: Severity = .error
    ) -> Diagnostic {
        Diagnostic(
            severity, id: "confirmation-overdue",
            "rules that were applied with --confirm were not confirmed in time, and the former rules"
                + " are not restored",
            notes: pending.guardian.map { ["\($0.words) had to restore them"] } ?? [],
            help: "run 'tproxy rollback'")
    }

    static func confirmationLate(_ pending: PendingChange) -> Diagnostic {
        .error(
            id: "confirmation-late", "the time to confirm is over: the former rules return",
            help: "run 'tproxy rollback' if they don't, and apply again with a longer --confirm")
    }

    package static func notConfirmed() -> Diagnostic {
        .error(
            id: "not-confirmed",
            "the rules were not confirmed in time; the former rules are restored",
            help: "apply again, and confirm with Enter or 'tproxy confirm'")
    }

    static func nothingPending() -> Diagnostic {
        .error(
            id: "nothing-pending", "no change waits for confirmation in this network namespace",
            help: "'tproxy apply --confirm 60s' makes one; 'tproxy status' shows it")
    }

    static func notRestorable(_ backend: String) -> Diagnostic {
        .error(
            id: "not-restorable",
            "--confirm is refused: tproxy can't restore former rules of \(backend)",
            help: "apply without --confirm, or use --backend nft")
    }

    static func confirmWithFirewalld() -> Diagnostic {
        .error(
            id: "confirm-with-firewalld",
            "--confirm restores loaded rules, and not the file that firewalld reads",
            help: "leave out --confirm, or storeFirewalld")
    }

    static func guardNotStarted(_ reason: String) -> Diagnostic {
        .error(
            id: "guard-not-started",
            "the process that restores the former rules can't be started: \(reason)",
            notes: ["nothing was changed"],
            help: "run the command again, or apply without --confirm")
    }

    static func namespaceUnknown(_ reason: String) -> Diagnostic {
        .error(
            id: "namespace-unknown", "the network namespace can't be determined: \(reason)",
            help: "mount /proc")
    }

    static func pendingRecordDamaged(_ path: String) -> Diagnostic {
        .error(
            id: "pending-record-damaged",
            "the record of a change that waits for confirmation can't be read: '\(path)'",
            help:
                "use the version of tproxy that wrote it, or delete the file to keep the loaded rules"
        )
    }

    static func rollbackPending(_ pending: PendingChange) -> Diagnostic {
        Diagnostic(
            .note, id: "rollback-pending",
            "the former rules are not restored; their record is kept"
                + (pending.isOverdue ? "" : ", and the guard tries again \(pending.deadlineWords)"),
            help: "run 'tproxy rollback' when the cause is gone")
    }
}
