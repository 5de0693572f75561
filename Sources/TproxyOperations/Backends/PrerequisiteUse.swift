import Addressing
import Diagnostics
import LinuxHost
import NftablesBackend
import RuleIR

/// Determines which rules need a prerequisite; removing the last of them undoes it.
extension BackendSelection {
    /// Returns the prerequisites that rules need besides those that `name` has loaded.
    ///
    /// The latter are the rules of `instance`.
    func needed(
        _ prerequisites: [HostPrerequisite], beside name: BackendName? = nil,
        of instance: InstanceName
    ) throws(OperationFailure) -> [HostPrerequisite] {
        guard !prerequisites.isEmpty else { return [] }
        let owned = try survey(instance, except: name).loaded
            .flatMap(\.installed.ownedPrerequisites)
        let rest = prerequisites.filter { !owned.contains($0) }
        return prerequisites.filter(owned.contains) + (try needed(rest, beyond: instance))
    }

    /// Returns the prerequisites that rules of other instances need.
    func needed(
        _ prerequisites: [HostPrerequisite], beyond instance: InstanceName
    ) throws(OperationFailure) -> [HostPrerequisite] {
        var rest = Set(prerequisites)
        do throws(BackendError) {
            guard !rest.isEmpty else { return [] }
            var others = try TableSurvey.instances()
            // iptables has only this instance.
            if !others.contains(.mesh) { others.append(.mesh) }
            for other in others where other != instance && !rest.isEmpty {
                for found in try rules(of: other) { rest.subtract(found.ownedPrerequisites) }
            }
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        return prerequisites.filter { !rest.contains($0) }
    }

    private func rules(of instance: InstanceName) throws(BackendError) -> [InstalledRuleset] {
        var found: [InstalledRuleset] = []
        for backend in backends where instance == .mesh || backend.name.holdsInstances {
            do throws(BackendError) {
                if let one = try backend.installed(instance) { found.append(one) }
            } catch {
                switch error {
                // Foreign rules and missing programs need no prerequisite of ours.
                case .foreignObject, .unsupported, .unusable, .failed: continue
                case .missingCapability, .invalidRuleset, .refused, .busy, .addressRefused:
                    throw error
                }
            }
        }
        return found
    }

    /// Returns prerequisites with our mark that no rules of ours need.
    ///
    /// Another program may have deleted the rules, as 'nft flush ruleset' does.
    func unneeded(
        _ kinds: [HostPrerequisite.Kind] = HostPrerequisite.Kind.allCases,
        of instance: InstanceName
    ) throws(OperationFailure) -> [HostPrerequisite] {
        var marked: [HostPrerequisite] = []
        do throws(BackendError) {
            for kind in kinds { marked += try HostPrerequisite.marked(kind) }
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        let needed = try needed(marked, of: instance)
        return marked.filter { !needed.contains($0) }
    }

    /// Undoes prerequisites that no rules need, after rules were changed.
    ///
    /// The change itself is complete, so a failure is a warning.
    func undoUnneeded(
        _ kinds: [HostPrerequisite.Kind] = HostPrerequisite.Kind.allCases,
        of instance: InstanceName
    ) -> (undone: [HostPrerequisite], problems: [Diagnostic]) {
        do {
            return (try undo(unneeded(kinds, of: instance)), [])
        } catch {
            return ([], error.diagnostics.map { .prerequisitesNotLookedAt(because: $0.message) })
        }
    }

    /// Undoes the prerequisites in reverse order; returns those that the host had.
    func undo(
        _ prerequisites: [HostPrerequisite]
    ) throws(OperationFailure) -> [HostPrerequisite] {
        do throws(BackendError) {
            var undone: [HostPrerequisite] = []
            for prerequisite in prerequisites.reversed() where try prerequisite.undo() {
                undone.append(prerequisite)
            }
            return undone
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }
}
