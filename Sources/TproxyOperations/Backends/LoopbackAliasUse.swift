import Addressing
import Diagnostics
import LinuxHost
import NftablesBackend
import RuleIR

/// Which rules need the loopback address: the last of them to go takes it away.
extension BackendSelection {
    /// Whether rules need it, beside those of `instance` that `name` has loaded.
    func sharesAlias(
        beside name: BackendName? = nil, of instance: InstanceName
    ) throws(OperationFailure) -> Bool {
        for other in try survey(instance, except: name).loaded
        where other.installed.ownedAlias != nil { return true }
        return try sharesAlias(beyond: instance)
    }

    /// Whether rules of other instances need it.
    func sharesAlias(beyond instance: InstanceName) throws(OperationFailure) -> Bool {
        do throws(BackendError) {
            var others = try TableSurvey.instances()
            // The only instance that iptables has.
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
                // Rules that aren't ours, and programs that aren't here, need nothing of ours.
                case .foreignObject, .unsupported, .failed: continue
                case .missingCapability, .invalidRuleset, .refused, .busy, .addressRefused:
                    throw error
                }
            }
        }
        return found
    }

    /// Addresses that carry our mark and that no rules of ours need, as after 'nft flush ruleset'.
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

    /// Takes such addresses away, where rules were changed.
    ///
    /// What was asked for is done, so a failure is a warning.
    func releaseUnneededAliases(
        _ instance: InstanceName
    ) -> (gone: [LoopbackAlias], problems: [Diagnostic]) {
        do {
            return (try release(unneededAliases(instance)), [])
        } catch {
            return ([], error.diagnostics.map { .addressNotLookedAt(because: $0.message) })
        }
    }

    /// Takes these addresses away; those that went.
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
