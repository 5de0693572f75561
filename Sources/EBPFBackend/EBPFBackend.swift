import Addressing
import CEBPF
import Glibc
import LinuxHost
package import RuleIR

/// Loads rulesets as eBPF programs, which redirect sockets of this network namespace.
///
/// A socket's destination is replaced before the kernel looks up a route, and the proxy's listener
/// takes incoming connections: no address is translated, and conntrack isn't needed. The programs
/// are attached to a cgroup and to the namespace, through links in a BPF file system. Needs Linux
/// 5.15, CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN.
package struct EBPFBackend: Backend {
    package let name = BackendName.ebpf
    private let version: String
    private let retry: RetryPolicy
    let places: HostPlaces

    package init(
        version: String, retry: RetryPolicy = RetryPolicy(), settings: EBPFSettings = .init()
    ) {
        self.version = version
        self.retry = retry
        places = HostPlaces(settings: settings)
    }

    /// The programs are attached to this thread's cgroup, and kept in a BPF file system that is
    /// mounted nowhere.
    ///
    /// They end with the last copy of the backend, however the process ends.
    package func rehearsing() throws(BackendError) -> EBPFBackend {
        EBPFBackend(version: version, retry: retry, places: try places.rehearsing())
    }

    private init(version: String, retry: RetryPolicy, places: HostPlaces) {
        self.version = version
        self.retry = retry
        self.places = places
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> ProgramPlan {
        try checkInstance(ruleset.instance)
        return try EBPFEmitter().emit(ruleset)
    }

    private func checkInstance(_ instance: InstanceName) throws(RulesetProblem) {
        guard instance == .mesh else { throw .unsupportedInstance(instance, by: name.text) }
    }

    package func digest(of ruleset: Ruleset) throws(RulesetProblem) -> String {
        try emit(ruleset).image.digest
    }

    package func check(_ ruleset: Ruleset) throws(BackendError) {
        _ = try plan(of: ruleset)
        _ = try places.bpffs()
        _ = try places.cgroup()
        _ = try places.interface()
        _ = try places.object()
        _ = try Self.cookie()
    }

    package func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset? {
        guard let loaded = try loadedPrograms(instance) else { return nil }
        var installed = loaded.installed
        installed.maps = try reporting(isReading: true) { () throws(KernelFailure) in
            try InstalledRuleset.Map.all(loaded.maps)
        }
        return installed
    }

    /// Reads the programs of an instance; nil if none is attached.
    func loadedPrograms(_ instance: InstanceName) throws(BackendError) -> LoadedPrograms? {
        try Privilege.check(toRead: true)
        return try find(instance)
    }

    package func apply(
        _ ruleset: Ruleset, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome {
        let plan = try plan(of: ruleset)
        guard Privilege.missingForPrograms.isEmpty else { throw .notPermitted(isReading: false) }
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            try load(plan, ruleset, sharing: shared)
        }
    }

    package func remove(
        _ instance: InstanceName, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> RemoveOutcome {
        try Privilege.check()
        guard instance == .mesh else { return .nothingInstalled }
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            let loaded = try find(instance)
            let change = try PrerequisiteChange(
                undoing: loaded?.record.ownedPrerequisites ?? [], sharing: shared)
            do throws(BackendError) {
                try detach(instance)
            } catch {
                change.rollBack()
                throw error
            }
            guard let loaded else { return .nothingInstalled }
            return .removed(loaded.installed, undone: change.undone)
        }
    }

    // MARK: Loading

    func plan(of ruleset: Ruleset) throws(BackendError) -> ProgramPlan {
        do {
            return try emit(ruleset)
        } catch {
            throw .invalidRuleset(error)
        }
    }

    /// Loads the steps of `plan` for `ruleset`, whose prerequisites it needs.
    func load(
        _ plan: ProgramPlan, _ ruleset: Ruleset, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome {
        let cookie = try Self.cookie()
        let loaded = try find(ruleset.instance)
        let cgroup = try places.cgroup()
        try checkCgroup(cgroup, of: loaded)
        let image = plan.image
        let host = ConfigurationHost(
            namespaceCookie: cookie, interface: try places.interface())
        let change = try PrerequisiteChange(
            from: loaded?.record.ownedPrerequisites ?? [], to: ruleset.prerequisites,
            sharing: shared)
        do throws(BackendError) {
            // After the prerequisites, whose address is one of the host.
            let ownAddresses = try places.ownAddresses()
            var record = LoadRecord(
                plan, version: version, digest: image.digest, owning: change.owned)
            record.loadedAt = LoadClock.now
            if let loaded, loaded.isIntact, loaded.record.isSame(as: record),
                loaded.host == host, loaded.ownAddresses == ownAddresses
            {
                try change.commit()
                return ApplyOutcome(.unchanged, loaded.installed, made: change.made)
            }
            let folder: PinFolder
            if let loaded {
                folder = loaded.folder
            } else {
                folder = PinFolder(in: try places.bpffs(), cookie, ruleset.instance)
            }
            try ProgramLoading(
                plan: plan, image: image, host: host, ownAddresses: ownAddresses, folder: folder,
                cgroup: cgroup, record: record
            ).load(try places.object())
        } catch {
            change.rollBack()
            if loaded == nil { try? detach(ruleset.instance) }
            throw error
        }
        try change.commit()
        removeAbandoned()
        guard let installed = try find(ruleset.instance)?.installed else {
            throw .failed(
                operation: "reading the programs back",
                reason: "another program detached them meanwhile")
        }
        return ApplyOutcome(
            loaded == nil ? .installed : .replaced, installed, made: change.made)
    }

    /// Refuses another cgroup than that of the attached programs.
    ///
    /// A link can't move. With links to both, a program would decide what the other has redirected.
    private func checkCgroup(
        _ path: String, of loaded: LoadedPrograms?
    ) throws(BackendError) {
        let attached = loaded?.links.first { !$0.key.isOfNamespace }?.value.target
        guard let attached else { return }
        var status = stat()
        guard unsafe stat(path, &status) == 0, UInt64(status.st_ino) != attached else { return }
        throw .unusable(
            "the cgroup \(path)", reason: "the loaded programs are attached to another cgroup",
            remedy: "run 'tproxy remove' first, or set ebpf.cgroupPath to that cgroup")
    }

    // MARK: Loaded state

    private static func cookie() throws(BackendError) -> UInt64 {
        let cookie = cebpf_namespace_cookie()
        guard cookie != 0 else {
            throw .unsupported(
                feature: "the cookie of a network namespace (SO_NETNS_COOKIE)",
                remedy: "use Linux 5.15 or newer, or --backend nft")
        }
        return cookie
    }

    private func folders(_ instance: InstanceName) throws(BackendError) -> [PinFolder] {
        if let own = places.own {
            return [PinFolder(in: own.path, try Self.cookie(), instance)].filter(\.exists)
        }
        let mounts = try MountTable()
        // Without a BPF file system or the cookie there are no links, whatever the kernel.
        let cookie = cebpf_namespace_cookie()
        guard !mounts.bpffs.isEmpty, cookie != 0 else { return [] }
        return try PinFolder.all(cookie, instance, in: mounts)
    }

    private func find(_ instance: InstanceName) throws(BackendError) -> LoadedPrograms? {
        for folder in try folders(instance) {
            do throws(KernelFailure) {
                if let found = try LoadedPrograms(folder) { return found }
            } catch {
                guard error.code != EEXIST else { throw .foreignObject(name: error.operation) }
                throw BackendError(error, isReading: true)
            }
        }
        return nil
    }

    /// Removes programs of network namespaces that are gone.
    ///
    /// They do nothing, so failures are ignored.
    package func removeAbandoned() {
        guard places.own == nil, let mounts = try? MountTable() else { return }
        for folder in PinFolder.abandoned(in: mounts) {
            for program in HookedProgram.all.reversed() {
                _ = try? Attachment.detach(program, in: folder)
            }
            try? folder.remove()
        }
    }

    /// The time for the proxy to accept connections that are redirected already, and to ask for
    /// their destination.
    private static let grace = Duration.milliseconds(500)

    /// Detaches the programs that redirect before those that answer for redirected sockets.
    private func detach(_ instance: InstanceName) throws(BackendError) {
        removeAbandoned()
        for folder in try folders(instance) {
            try reporting { () throws(KernelFailure) in
                var hasRedirected = false
                for program in HookedProgram.all.reversed() {
                    if hasRedirected, !program.redirects {
                        pause(for: Self.grace)
                        hasRedirected = false
                    }
                    let wasAttached = try Attachment.detach(program, in: folder)
                    hasRedirected = hasRedirected || (wasAttached && program.redirects)
                }
                try folder.remove()
            }
        }
    }
}

extension BackendName {
    package static let ebpf = BackendName(
        "ebpf", placement: .sockets, holdsInstances: false, isAtomic: false, isOptional: true)
}
