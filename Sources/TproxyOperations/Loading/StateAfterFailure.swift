import Diagnostics
import RuleIR

/// The actual state of the kernel after a change that failed.
enum StateAfterFailure {
    /// The rules that were loaded before, if any.
    case unchanged(InstalledRuleset?)
    /// The rules that the change was to load; nil if it was to remove rules.
    case changed(InstalledRuleset?)
    /// A state in between.
    case between
    /// The new rules, and possibly those of another backend that were to be removed.
    case notLeft(String)
    /// The state can't be read, for this reason.
    case unknown(String)

    /// Reads the state; `digest` is that of the rules to be loaded, nil for a removal.
    init(
        _ backend: any Backend, _ instance: InstanceName, before: InstalledRuleset?,
        wanted digest: String?
    ) {
        let now: InstalledRuleset?
        do throws(BackendError) {
            now = try backend.installed(instance)
        } catch {
            self = .unknown(error.diagnostic.message)
            return
        }
        self =
            if now?.identity == before?.identity {
                .unchanged(now)
            } else if now?.digest == digest, now?.isIntact != false {
                .changed(now)
            } else {
                .between
            }
    }

    /// The state as a note of the failure.
    var note: String {
        switch self {
        case .unchanged(nil): "nothing was changed: no rules are loaded"
        case .unchanged(.some): "nothing was changed: the same rules are loaded as before"
        case .changed(.some):
            "the new rules are loaded; run the same command again to complete it"
        case .changed(nil): "the rules are removed"
        case .between:
            "the loaded rules are neither the old nor the new ones; run the same command again"
        case .notLeft(let old):
            "the new rules are loaded, those of \(old) perhaps, too; run the same command again"
        case .unknown(let reason):
            "the loaded rules can't be read: \(reason); 'tproxy status' checks again"
        }
    }
}

extension InstalledRuleset {
    /// The rules without properties that packets and names change.
    fileprivate var identity: [String] {
        [digest, version, "\(isIntact)"] + ownedPrerequisites.records
    }
}

extension Diagnostic {
    func adding(_ state: StateAfterFailure) -> Diagnostic {
        var diagnostic = self
        diagnostic.notes.append(state.note)
        return diagnostic
    }
}
