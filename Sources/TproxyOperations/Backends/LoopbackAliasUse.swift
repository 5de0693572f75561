import Addressing
import Diagnostics
import LinuxHost
import NftablesBackend
import RuleIR

/// The use of the loopback address by rules: the last rules to be removed delete it.
extension BackendSelection {
    /// Whether rules other than those that `name` has loaded for `instance` need the address.
    func sharesAlias(
        beside name: BackendName? = nil, of instance: InstanceName
    ) throws(OperationFailure) -> Bool {
        for other in try survey(instance, except: name).loaded
        where other.installed.ownedAlias != nil { return true }
        return try sharesAlias(beyond: instance)
    }

    /// Whether rules of other instances need the address.
    func sharesAlias(beyond instance: InstanceName) throws(OperationFailure) -> Bool {
        do throws(BackendError) {
            var others = try TableSurvey.instances()
            // iptables has only this instance.
            if !others.contains(.mesh) { others.append(.mesh) }
            for other in others where other != instance {
                for found in try rules(of: other) where found.ownedAlias != nil { return true }
            }
            return false
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    private func rules(of instance: InstanceName) throws(BackendError) -> [InstalledRuleset] {
        var found: [InstalledRuleset] = []
        for backend in backends where instance == .mesh || backend.name.holdsInstances {
            do throws(BackendError) {
                if let one = try backend.installed(instance) { found.append(one) }
            } catch {
                switch error {
                // Foreign rules and missing programs don't need our address.
                case .foreignObject, .unsupported, .failed: continue
                case .missingCapability, .invalidRuleset, .refused, .busy, .addressRefused:
                    throw error
                }
            }
        }
        return found
    }

    /// Returns addresses with our mark that no rules need, as after 'nft flush ruleset'.
    func unneededAliases(_ instance: InstanceName) throws(OperationFailure) -> [LoopbackAlias] {
        let marked: [LoopbackAlias]
        do throws(BackendError) {
            marked = try LoopbackAlias.marked(on: .loopback)
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        guard !marked.isEmpty, try !sharesAlias(of: instance) else { return [] }
        return marked
    }

    /// Deletes such addresses after rules were changed.
    ///
    /// The requested change is complete, so a failure is only a warning.
    func releaseUnneededAliases(
        _ instance: InstanceName
    ) -> (gone: [LoopbackAlias], problems: [Diagnostic]) {
        do {
            return (try release(unneededAliases(instance)), [])
        } catch {
            return ([], error.diagnostics.map { .addressNotLookedAt(because: $0.message) })
        }
    }

    /// Deletes the addresses; returns those that were deleted.
    func release(_ aliases: [LoopbackAlias]) throws(OperationFailure) -> [LoopbackAlias] {
        do throws(BackendError) {
            var gone: [LoopbackAlias] = []
            for alias in aliases where try alias.release() { gone.append(alias) }
            return gone
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }
}
