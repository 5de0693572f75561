import Addressing
import LinuxHost
package import IptablesRules
package import RuleIR

/// Loads rulesets through the iptables programs, into Kuma's chains.
///
/// iptables changes only one table of one family atomically. So both families are planned and
/// tested before either is loaded. If the second is refused, the first is restored. Foreign
/// rules are never named. Needs CAP_NET_ADMIN; the legacy programs also need CAP_NET_RAW and a
/// writable lock file.
package struct IptablesBackend: ListingBackend {
    let flavour: IptablesFlavour
    private let version: String
    let retry: RetryPolicy
    private let paths: [String: String]

    /// Creates a backend; `paths` maps names such as `iptables-save` to the user's programs.
    ///
    /// Other programs are searched for.
    package init(
        _ flavour: IptablesFlavour, version: String, retry: RetryPolicy = RetryPolicy(),
        paths: [String: String] = [:]
    ) {
        self.flavour = flavour
        self.version = version
        self.retry = retry
        self.paths = paths
    }

    package var name: BackendName { .iptables(flavour) }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> IptablesEmitter.Output {
        try IptablesEmitter().emit(ruleset)
    }

    package func prepareRehearsal(of ruleset: Ruleset) throws(BackendError) {
        if ruleset.yieldsToDocker { try createDockerChain() }
    }

    /// Creates an empty chain under the name of Docker's, for a rehearsal without Docker.
    ///
    /// It is a substitute: the rehearsal doesn't cover the effect of Docker's rules.
    package func createDockerChain() throws(BackendError) {
        try tables(.ipv4)?.submit("*nat\n:DOCKER_OUTPUT - [0:0]\nCOMMIT\n", [])
    }

    package func apply(
        _ ruleset: Ruleset, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome {
        do {
            try ruleset.check()
            try ruleset.checkForIptables()
        } catch {
            throw .invalidRuleset(error)
        }
        try Privilege.check()
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            try retrying(for: ruleset.families) { snapshots throws(BackendError) in
                try load(ruleset, over: snapshots, sharing: shared)
            }
        }
    }

    package func remove(
        _ instance: InstanceName, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> RemoveOutcome {
        try Privilege.check()
        guard instance == .mesh else { return .nothingInstalled }
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            try retrying(for: []) { snapshots throws(BackendError) in
                try unload(snapshots, sharing: shared)
            }
        }
    }

    package func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset? {
        try Privilege.check(toRead: true)
        guard instance == .mesh else { return nil }
        return try find(snapshots(for: []))?.installed
    }

    /// Runs `change` on the loaded state, and again if our rules changed meanwhile.
    ///
    /// A program that a killed tproxy started may still change them.
    func retrying<Outcome>(
        for families: [AddressFamily], _ change: ([FamilySnapshot]) throws(BackendError) -> Outcome
    ) throws(BackendError) -> Outcome {
        var attempt = 0
        while true {
            let before = try snapshots(for: families)
            try clearProbes(before)
            do throws(BackendError) {
                return try change(before)
            } catch {
                guard let after = try? snapshots(for: families) else { throw error }
                // A program that was killed after its change may have left probes.
                try? clearProbes(after)
                let isStale = zip(before, after).contains { !$0.state.holdsSame(as: $1.state) }
                guard isStale, attempt < retry.maxRetries else { throw error }
            }
            attempt += 1
            pause(for: retry.sleepBetweenRetries)
        }
    }

    private func clearProbes(_ snapshots: [FamilySnapshot]) throws(BackendError) {
        for snapshot in snapshots where !snapshot.state.leftoverProbes.isEmpty {
            try KernelProbe(snapshot.tables).clear(snapshot.state.leftoverProbes)
        }
    }

    private func unload(
        _ snapshots: [FamilySnapshot], sharing shared: SharedPrerequisites
    ) throws(BackendError) -> RemoveOutcome {
        guard let (installed, ownership) = try find(snapshots) else { return .nothingInstalled }
        let updates = snapshots.filter { !$0.state.isEmpty }.map { snapshot in
            FamilyUpdate(
                snapshot: snapshot, tables: [],
                document: Transaction(removing: snapshot.state, adding: [], nil))
        }
        try FamilyUpdate.test(updates)
        // This precedes the removal of rules: if it fails, the host is unchanged.
        let change = try PrerequisiteChange(
            undoing: ownership.ownedPrerequisites, sharing: shared)
        do throws(BackendError) {
            try FamilyUpdate.load(updates)
        } catch {
            change.rollBack()
            throw error
        }
        return .removed(installed, undone: change.undone)
    }

    package func readBack(_ instance: InstanceName) throws(BackendError) -> LoadedRules? {
        try Privilege.check(toRead: true)
        guard instance == .mesh else { return nil }
        let snapshots = try snapshots(for: [])
        let tables = snapshots.flatMap { ReadBack.tables($0.state, $0.family) }
        guard !tables.isEmpty else { return nil }
        let isForeign = snapshots.contains(where: \.state.isForeign)
        return LoadedRules(
            installed: isForeign ? nil : try find(snapshots)?.installed, rules: ListedRules(tables))
    }

    package func digest(of ruleset: Ruleset) throws(RulesetProblem) -> String {
        try ruleset.check()
        try ruleset.checkForIptables()
        return IptablesEmitter.digest(of: ruleset)
    }

    package func expectedRules(_ ruleset: Ruleset) throws(RulesetProblem) -> ListedRules {
        try ruleset.check()
        try ruleset.checkForIptables()
        return ListedRules(
            AddressFamily.allCases.flatMap { family in
                ReadBack.tables(FamilyLowering.tables(of: ruleset, family), family)
            })
    }

    private func load(
        _ ruleset: Ruleset, over snapshots: [FamilySnapshot], sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome {
        try checkDockerChain(
            for: ruleset, in: snapshots.filter { $0.family == .ipv4 }.map(\.state))
        let found = try find(snapshots)
        let contents = AddressFamily.allCases.map { family in
            (family: family, tables: FamilyLowering.tables(of: ruleset, family))
        }
        let change = try PrerequisiteChange(
            from: found?.ownership.ownedPrerequisites ?? [], to: ruleset.prerequisites,
            sharing: shared)
        var ownership = OwnershipChain(
            version: version,
            rulesDigest: IptablesEmitter.digest(of: ruleset),
            ownedPrerequisites: change.owned)
        ownership.loadedAt = LoadClock.now
        if let found, found.installed.isIntact, found.ownership.isSame(as: ownership) {
            try change.commit()
            return ApplyOutcome(.unchanged, found.installed, made: change.made)
        }
        do throws(BackendError) {
            try replace(snapshots, contents, ownership)
        } catch {
            change.rollBack()
            throw error
        }
        try change.commit()
        guard let (installed, _) = try find(self.snapshots(for: ruleset.families)) else {
            throw .failed(
                operation: "reading the rules back",
                reason: "another program removed them meanwhile")
        }
        return ApplyOutcome(
            found == nil ? .installed : .replaced, installed, made: change.made)
    }

    private func replace(
        _ snapshots: [FamilySnapshot],
        _ contents: [(family: AddressFamily, tables: [TableContent])],
        _ ownership: OwnershipChain
    ) throws(BackendError) {
        let updates = snapshots.map { snapshot in
            let tables = contents.first { $0.family == snapshot.family }?.tables ?? []
            return FamilyUpdate(
                snapshot: snapshot, tables: tables,
                document: Transaction(removing: snapshot.state, adding: tables, ownership))
        }.filter { !$0.document.isEmpty }
        try FamilyUpdate.test(updates)
        try FamilyUpdate.load(updates)
    }

    /// Returns the loaded state of both families; throws `foreignObject` if a chain isn't ours.
    private func find(
        _ snapshots: [FamilySnapshot]
    ) throws(BackendError) -> (installed: InstalledRuleset, ownership: OwnershipChain)? {
        guard !snapshots.contains(where: \.state.isForeign) else {
            throw .foreignObject(name: "chains KUMA_MESH_* of \(flavour.name)")
        }
        guard let ownership = snapshots.lazy.compactMap(\.state.ownership).first else {
            // An incomplete probe at most.
            return nil
        }
        let forms = AddressFamily.allCases.map { family in
            snapshots.first { $0.family == family }?.state.canonicalRules ?? []
        }
        let isIntact =
            FamilyState.digest(forms) == ownership.rulesDigest
            && snapshots.flatMap(\.state.parts).allSatisfy { part in
                part.ownership?.rulesDigest == ownership.rulesDigest
                    && part.ownership?.version == ownership.version
            }
        let families = snapshots.filter { !$0.state.isEmpty }.map(\.family.displayName)
        var installed = InstalledRuleset(
            name: "chains KUMA_MESH_* of \(flavour.name), \(families.joined(separator: " and "))",
            version: ownership.version, digest: ownership.rulesDigest, isIntact: isIntact,
            ownedPrerequisites: ownership.ownedPrerequisites, hooks: snapshots.flatMap(\.hooks),
            counters: snapshots.flatMap(\.counters))
        installed.loadedAt = ownership.loadedAt
        return (installed, ownership)
    }

    /// Returns each family that has its programs; throws if a needed family lacks them.
    private func snapshots(for needed: [AddressFamily]) throws(BackendError) -> [FamilySnapshot] {
        var snapshots: [FamilySnapshot] = []
        for family in AddressFamily.allCases {
            guard let tables = try tables(family) else {
                guard !needed.contains(family) else { throw missing(family) }
                continue
            }
            snapshots.append(
                FamilySnapshot(family: family, tables: tables, state: try tables.state()))
        }
        return snapshots
    }

    func tables(_ family: AddressFamily) throws(BackendError) -> FamilyTables? {
        guard let tools = try Toolset.find(flavour, family, paths: paths) else { return nil }
        return FamilyTables(tools, retry)
    }

    private func missing(_ family: AddressFamily) -> BackendError {
        let place = "\(flavour.name) for \(family.displayName)"
        guard !paths.isEmpty else {
            return .unsupported(
                feature: "\(place): its programs are missing",
                remedy: "install iptables, set iptablesExecutables, or use --backend nft")
        }
        return .unsupported(
            feature: "\(place): iptablesExecutables names programs of the other flavour, or none",
            remedy: "set programs of one flavour for both families, or use --backend iptables")
    }
}

extension OwnershipChain {
    /// Whether version, digest and address are equal; copies of rules and the time don't count.
    fileprivate func isSame(as other: OwnershipChain) -> Bool {
        version == other.version && rulesDigest == other.rulesDigest
            && ownedPrerequisites == other.ownedPrerequisites
    }
}

extension BackendName {
    package static let iptablesNft = BackendName(.nft, engine: .nftables)
    package static let iptablesLegacy = BackendName(.legacy, engine: .legacy)

    package static func iptables(_ flavour: IptablesFlavour) -> BackendName {
        switch flavour {
        case .nft: .iptablesNft
        case .legacy: .iptablesLegacy
        }
    }

    private init(_ flavour: IptablesFlavour, engine: LoadedChain.Engine) {
        self.init(
            flavour.name, placement: .iptables(engine), holdsInstances: false, isAtomic: false,
            isOptional: true)
    }
}
