package import Diagnostics
package import LinuxHost
package import RuleIR

/// The rules that are loaded for an instance, with their problems.
package struct Status {
    private let instance: InstanceName
    /// The rules of each backend; the first is reported.
    package let loaded: [BackendSelection.Loaded]
    /// The state of the first one's loopback address; nil if it has none.
    package let standing: LoopbackAlias.Standing?
    /// The addresses that were added for rules deleted since; searched if nothing is loaded.
    package let addressesLeft: [LoopbackAlias]
    /// Diagnostics about state that can't be read.
    package let doubts: [Diagnostic]

    /// Reads the state, if possible while no other tproxy changes it.
    ///
    /// Families of iptables, backends, and rules and their address change one after the other, so a
    /// reader may see a state that is neither old nor new. If the state isn't intact, it is read
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

    /// Returns the loaded rules; throws if there are none.
    package func installed() throws(OperationFailure) -> InstalledRuleset {
        guard let first = loaded.first else { throw OperationFailure(.notInstalled(instance)) }
        return first.installed
    }

    /// Problems of the loaded rules other than changes to them.
    package var problems: [Diagnostic] {
        var problems: [Diagnostic] = []
        if loaded.count > 1 { problems.append(.interruptedMove(loaded.map(\.name.text))) }
        if let alias = loaded.first?.installed.ownedAlias, let standing, standing != .lasting {
            problems.append(.addressNotKept(alias, standing))
        }
        return problems
    }

    /// Whether everything is as it was applied.
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
