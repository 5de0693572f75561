package import Diagnostics
package import LinuxHost
package import RuleIR

/// The rules that are loaded for an instance, with their problems.
package struct Status {
    private let instance: InstanceName
    private let selection: BackendSelection
    /// The rules of each backend; the first is reported.
    package let loaded: [BackendSelection.Loaded]
    /// The state of the prerequisites of the first ruleset.
    package let standings: [HostPrerequisite: HostPrerequisite.Standing]
    /// The prerequisites of deleted rules; searched only if nothing is loaded.
    package let prerequisitesLeft: [HostPrerequisite]
    /// A change of this network namespace that waits for confirmation.
    package let pending: PendingChange?
    /// Warnings about state that could not be determined.
    package let doubts: [Diagnostic]

    /// Reads the state, if possible while no other tproxy changes it.
    ///
    /// Families of iptables, backends, rules and their prerequisites change one after the other.
    /// A reader in between sees a state that is neither the old nor the new one, so an incomplete
    /// state is read again.
    package init(
        of instance: InstanceName, _ selection: BackendSelection
    ) throws(OperationFailure) {
        let seen = try Look(instance, selection)
        guard !seen.isWhole else {
            self.init(seen, instance, selection)
            return
        }
        let again: Look
        do throws(OperationFailure) {
            again = try selection.exclusively { () throws(OperationFailure) in
                try Look(instance, selection)
            }
        } catch {
            again = try Look(instance, selection)
        }
        self.init(again, instance, selection)
    }

    private init(_ look: Look, _ instance: InstanceName, _ selection: BackendSelection) {
        self.instance = instance
        self.selection = selection
        loaded = look.survey.loaded
        standings = look.standings
        prerequisitesLeft =
            loaded.isEmpty ? (try? selection.unneeded(of: instance)) ?? [] : []
        let pending = PendingDecision.current
        self.pending = pending
        let overdue = [pending].compactMap { $0?.isOverdue == true ? $0 : nil }
        doubts =
            look.survey.doubts() + prerequisitesLeft.map { .prerequisiteLeft($0) }
            + overdue.map { .confirmationOverdue($0, .warning) }
    }

    /// Returns the loaded rules; throws if there are none.
    package func installed() throws(OperationFailure) -> InstalledRuleset {
        guard let first = loaded.first else { throw OperationFailure(.notInstalled(instance)) }
        return first.installed
    }

    /// Reads what the loaded rules do; throws if there are none.
    package func details() throws(OperationFailure) -> StatusDetails {
        guard let first = loaded.first else { throw OperationFailure(.notInstalled(instance)) }
        return StatusDetails(first, instance, selection)
    }

    /// Problems of the loaded rules other than changes to them.
    package var problems: [Diagnostic] {
        var problems: [Diagnostic] = []
        if loaded.count > 1 { problems.append(.interruptedMove(loaded.map(\.name.text))) }
        for prerequisite in loaded.first?.installed.ownedPrerequisites ?? [] {
            guard let standing = standings[prerequisite], standing != .lasting else { continue }
            problems.append(.prerequisiteNotKept(prerequisite, standing))
        }
        return problems
    }

    /// Whether everything is as it was applied.
    package var isAsApplied: Bool {
        loaded.first?.installed.isIntact == true && problems.isEmpty
            && pending?.isOverdue != true
    }

    private struct Look {
        var survey: BackendSelection.Survey
        var standings: [HostPrerequisite: HostPrerequisite.Standing] = [:]

        init(
            _ instance: InstanceName, _ selection: BackendSelection
        ) throws(OperationFailure) {
            survey = try selection.survey(instance)
            do throws(BackendError) {
                for prerequisite in survey.loaded.first?.installed.ownedPrerequisites ?? [] {
                    standings[prerequisite] = try prerequisite.standing()
                }
            } catch {
                throw OperationFailure(error.diagnostic)
            }
        }

        var isWhole: Bool {
            survey.loaded.count < 2 && survey.loaded.allSatisfy(\.installed.isIntact)
                && standings.values.allSatisfy { $0 == .lasting }
        }
    }
}
