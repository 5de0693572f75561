import Diagnostics
import RuleIR

/// What a change that failed has left in the kernel, by a look and not by what should be there.
enum StateAfterFailure {
    /// What was loaded before, if anything.
    case unchanged(InstalledRuleset?)
    /// What the change was to load; nothing, where it was to take the rules out.
    case changed(InstalledRuleset?)
    /// Neither.
    case between
    /// The new rules, and perhaps those of another backend, which should have gone.
    case notLeft(String)
    /// The look failed, too, for this reason.
    case unknown(String)

    /// `digest` is that of the rules that were to be loaded; nil where they were to go.
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

    /// For the notes of what failed.
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
    /// It less what packets and names change.
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
