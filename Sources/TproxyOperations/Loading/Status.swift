package import Diagnostics
package import LinuxHost
package import RuleIR

/// What is loaded for an instance, and what isn't right about it.
package struct Status {
    private let instance: InstanceName
    /// By every backend that has rules loaded; the first is told of.
    package let loaded: [BackendSelection.Loaded]
    /// How the loopback address of the first stands; nil where it has none.
    package let standing: LoopbackAlias.Standing?
    /// Addresses that were added for rules that are gone; looked for where nothing is loaded.
    package let addressesLeft: [LoopbackAlias]
    /// What can't be told.
    package let doubts: [Diagnostic]

    /// Reads what is loaded, in a moment when no tproxy changes it, if that can be had.
    ///
    /// Families of iptables, backends, and rules and their address are changed one after the other. Whoever
    /// looks in between sees something that is neither the old nor the new; so what isn't whole is looked at
    /// again.
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
        loaded = look.survey.loaded
        standing = look.standing
        addressesLeft =
            loaded.isEmpty ? (try? selection.unneededAliases(instance)) ?? [] : []
        doubts = look.survey.doubts() + addressesLeft.map { .addressLeft($0) }
    }

    /// What is loaded; throws where nothing is.
    package func installed() throws(OperationFailure) -> InstalledRuleset {
        guard let first = loaded.first else { throw OperationFailure(.notInstalled(instance)) }
        return first.installed
    }

    /// What is wrong with what is loaded, besides a change of it.
    package var problems: [Diagnostic] {
        var problems: [Diagnostic] = []
        if loaded.count > 1 { problems.append(.interruptedMove(loaded.map(\.name.text))) }
        if let alias = loaded.first?.installed.ownedAlias, let standing, standing != .lasting {
            problems.append(.addressNotKept(alias, standing))
        }
        return problems
    }

    /// Whether all is as it was applied.
    package var isAsApplied: Bool {
        loaded.first?.installed.isIntact == true && problems.isEmpty
    }

    private struct Look {
        var survey: BackendSelection.Survey
        var standing: LoopbackAlias.Standing?

        init(
            _ instance: InstanceName, _ selection: BackendSelection
        ) throws(OperationFailure) {
            survey = try selection.survey(instance)
            do throws(BackendError) {
                standing = try survey.loaded.first?.installed.ownedAlias?.standing()
            } catch {
                throw OperationFailure(error.diagnostic)
            }
        }

        var isWhole: Bool {
            survey.loaded.count < 2 && survey.loaded.allSatisfy(\.installed.isIntact)
                && (standing ?? .lasting) == .lasting
        }
    }
}
