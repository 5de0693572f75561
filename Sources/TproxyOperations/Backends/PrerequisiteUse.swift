import Addressing
import Diagnostics
import LinuxHost
import NftablesBackend
import RuleIR

/// Which rules need a prerequisite: the last of them to go undoes it.
extension BackendSelection {
    /// Those of `prerequisites` that rules need, beside those of `instance` that `name` has loaded.
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

    /// Those of `prerequisites` that rules of other instances need.
    func needed(
        _ prerequisites: [HostPrerequisite], beyond instance: InstanceName
    ) throws(OperationFailure) -> [HostPrerequisite] {
        var rest = Set(prerequisites)
        do throws(BackendError) {
            guard !rest.isEmpty else { return [] }
            var others = try TableSurvey.instances()
            // The only instance that iptables has.
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
                // Rules that aren't ours, and programs that aren't here, need nothing of ours.
                case .foreignObject, .unsupported, .failed: continue
                case .missingCapability, .invalidRuleset, .refused, .busy, .addressRefused:
                    throw error
                }
            }
        }
        return found
    }

    /// Prerequisites that carry our mark and that no rules of ours need, as after 'nft flush ruleset'.
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

    /// Undoes such prerequisites, where rules were changed.
    ///
    /// What was asked for is done, so a failure is a warning.
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

    /// Undoes these prerequisites, the last that was made first; those that the host had.
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
