import Addressing
import Rtnetlink
package import RuleIR

/// Loads rulesets natively, through libnftables, into the calling thread's network namespace.
///
/// One table, `inet tproxy_<instance>`, replaced in one transaction: at no moment is there half of
/// it, or none. Nothing else is named. Needs CAP_NET_ADMIN, and Linux 5.6 with nf_tables.
package struct NftablesBackend: Backend {
    private let version: String
    private let retry: RetryPolicy

    /// `version` is kept beside the rules in the kernel.
    package init(version: String, retry: RetryPolicy = RetryPolicy()) {
        self.version = version
        self.retry = retry
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> NftablesEmitter.Output {
        try NftablesEmitter(version: version).emit(ruleset)
    }

    package func apply(_ ruleset: Ruleset) throws(BackendError) -> ApplyOutcome {
        do {
            try ruleset.check()
        } catch {
            throw .invalidRuleset(error)
        }
        return try load(NftTable(ruleset), alias: ruleset.loopbackAlias)
    }

    package func remove(_ instance: InstanceName) throws(BackendError) -> RemoveOutcome {
        try checkPrivilege()
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            let session = try KernelSession(retry)
            guard let (installed, identity) = try find("tproxy_\(instance)", in: session) else {
                return .nothingInstalled
            }
            try session.delete("tproxy_\(instance)")
            let alias = identity.ownedAlias
            let isReleased = try alias.map(release) ?? false
            return .removed(installed, releasedAlias: isReleased ? alias : nil)
        }
    }

    package func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset? {
        try checkPrivilege()
        return try find("tproxy_\(instance)", in: KernelSession(retry))?.installed
    }

    /// Puts `table` into the kernel; `apply` without the checks of the IR.
    func load(_ table: NftTable, alias: LoopbackAlias?) throws(BackendError) -> ApplyOutcome {
        try checkPrivilege()
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            let session = try KernelSession(retry)
            let loaded = try find(table.name, in: session)
            var identity = Identity(
                version: version, digest: try Self.digest(of: table), ownedAlias: nil)
            let isNew = try alias.map(add) ?? false
            // An address that an earlier apply added is still ours to remove.
            if isNew || loaded?.identity.ownedAlias == alias { identity.ownedAlias = alias }
            if let loaded, loaded.installed.isIntact, loaded.identity == identity {
                return .unchanged(loaded.installed)
            }
            do throws(BackendError) {
                try session.replace(table.carrying(identity))
            } catch {
                if isNew, let alias { _ = try? release(alias) }
                throw error
            }
            if let old = loaded?.identity.ownedAlias, old != alias { _ = try release(old) }
            guard let (installed, _) = try find(table.name, in: session) else {
                throw .failed(
                    operation: "reading the rules back", reason: "they were removed meanwhile")
            }
            return loaded == nil ? .installed(installed) : .replaced(installed)
        }
    }

    /// What is loaded under our name; throws when something else is.
    private func find(
        _ name: String, in session: borrowing KernelSession
    ) throws(BackendError) -> (installed: InstalledRuleset, identity: Identity)? {
        guard let listing = try session.list(name) else { return nil }
        guard let identity = listing.identity else {
            throw .foreignObject(name: "table inet \(name)")
        }
        do {
            return (try listing.installed(as: identity), identity)
        } catch {
            throw .failed(operation: "reading the rules back", reason: error.reason)
        }
    }

    private func checkPrivilege() throws(BackendError) {
        guard Capability.isEffective(Capability.netAdmin) else {
            throw .missingCapability("CAP_NET_ADMIN")
        }
    }

    private static func digest(of table: NftTable) throws(BackendError) -> String {
        do {
            return try NormalForm(table.objects).digest()
        } catch {
            throw .failed(operation: "writing the rules down", reason: error.reason)
        }
    }

    /// Adds the address; false when it was there, and so isn't ours to remove.
    private func add(_ alias: LoopbackAlias) throws(BackendError) -> Bool {
        do {
            return try InterfaceAddress.add(alias.prefix, to: alias.interface)
        } catch {
            throw Self.refusal(of: alias, error)
        }
    }

    private func release(_ alias: LoopbackAlias) throws(BackendError) -> Bool {
        do {
            return try InterfaceAddress.remove(alias.prefix, from: alias.interface)
        } catch {
            throw Self.refusal(of: alias, error)
        }
    }

    private static func refusal(of alias: LoopbackAlias, _ error: NetlinkError) -> BackendError {
        .addressRefused(
            address: "\(alias.prefix.address)/\(alias.prefix.length)",
            interface: alias.interface.text, reason: error.reason)
    }
}
