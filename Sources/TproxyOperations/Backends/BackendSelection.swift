import Diagnostics
import HostChange
package import IptablesBackend
import NftablesBackend
package import RuleIR
import TproxyConfig

/// The backends of this build, with the user's patience and programs.
package struct BackendSelection {
    /// Something that is loaded, and what loaded it.
    package struct Loaded {
        let backend: any Backend
        package let installed: InstalledRuleset

        package var name: BackendName { backend.name }
    }

    /// A backend whose tables can't be read, and why.
    struct Unreadable {
        var name: BackendName
        var reason: String
    }

    /// What was found, and where nothing could be looked for.
    package struct Survey {
        package var loaded: [Loaded] = []
        var unreadable: [Unreadable] = []

        /// What can't be told, in words.
        func doubts(_ severity: Diagnostic.Severity = .warning) -> [Diagnostic] {
            unreadable.map { .unreadableBackend($0.name.text, $0.reason, severity) }
        }
    }

    /// Their names, in the order in which they are asked.
    static let names = BackendSelection().backends.map(\.name)

    package let retry: RetryPolicy
    /// The user's iptables programs by name.
    let paths: [String: String]
    let backends: [any Backend]

    /// A new backend is one more line here.
    init(
        retry: RetryPolicy = RetryPolicy(), paths executables: IptablesExecutables = .init(),
        submission: Submission? = nil
    ) {
        let paths = Dictionary(
            uniqueKeysWithValues: executables.paths.map { ($0.key.rawValue, $0.value) })
        self.init(
            retry: retry, paths: paths,
            backends: [
                NftablesBackend(version: tproxyVersion, retry: retry, submission: submission),
                IptablesBackend(.nft, version: tproxyVersion, retry: retry, paths: paths),
                IptablesBackend(.legacy, version: tproxyVersion, retry: retry, paths: paths),
            ])
    }

    init(retry: RetryPolicy, paths: [String: String] = [:], backends: [any Backend]) {
        self.retry = retry
        self.paths = paths
        self.backends = backends
    }

    // MARK: Choosing

    /// The backend of that name; throws where this build has none.
    func backend(_ name: BackendName) throws(OperationFailure) -> any Backend {
        guard let found = backends.first(where: { $0.name == name }) else {
            throw OperationFailure(.noSuchBackend(name.text))
        }
        return found
    }

    /// The backend that is meant; `iptables` is the flavour that the host uses.
    func backend(of choice: BackendChoice) throws(OperationFailure) -> any Backend {
        switch choice {
        case .backend(let name): return try backend(name)
        case .iptables:
            let preferred: IptablesFlavour?
            do throws(BackendError) {
                preferred = try IptablesFlavour.preferred(paths: paths)
            } catch {
                throw OperationFailure(error.diagnostic)
            }
            guard let preferred else { throw OperationFailure(.noIptables()) }
            return try backend(.iptables(preferred))
        }
    }

    /// Its name.
    package func name(of choice: BackendChoice) throws(OperationFailure) -> BackendName {
        try backend(of: choice).name
    }

    /// The backend that is meant, without asking what takes rights to know.
    package func expectedName(of choice: BackendChoice) -> BackendName {
        (try? name(of: choice)) ?? .iptablesNft
    }

    /// The backend that is meant, where the rules are stored for firewalld: its own.
    ///
    /// Rules in the tables of another flavour, or of nft, would stay beside those that firewalld loads.
    func backendForFirewalld(
        _ choice: BackendChoice
    ) throws(OperationFailure) -> any Backend {
        guard let name = try FirewalldConflicts.backend() else {
            throw OperationFailure(.noFirewalldPrograms(IptablesFlavour.firewalldProgram))
        }
        guard choice == .iptables || choice == .backend(name) else {
            throw OperationFailure(.firewalldNeedsIptables(choice.text, flavour: name.text))
        }
        return try backend(name)
    }

    // MARK: What is loaded

    /// Whether the backend's tables could be there at all.
    ///
    /// To ask the kernel takes a hundredth of the time of iptables-nft-save. The tables of
    /// iptables-legacy are looked for by their backend.
    private func mayHoldRules(_ name: BackendName) -> Bool {
        guard name.placement == .iptables(.nftables) else { return true }
        // Where the kernel doesn't say, the backend does.
        return (try? TableSurvey.families())?.isEmpty != true
    }

    /// What is loaded by any backend but `excluded`.
    ///
    /// A backend whose programs are missing has nothing that could be told of; one whose tables can't
    /// be read is named.
    func survey(
        _ instance: InstanceName, except excluded: BackendName? = nil
    ) throws(OperationFailure) -> Survey {
        var survey = Survey()
        for backend in backends where backend.name != excluded && mayHoldRules(backend.name) {
            do throws(BackendError) {
                if let installed = try backend.installed(instance) {
                    survey.loaded.append(Loaded(backend: backend, installed: installed))
                }
            } catch {
                if case .unsupported = error, backend.name.isOptional { continue }
                if case .failed(_, let reason) = error, backend.name.isOptional {
                    survey.unreadable.append(Unreadable(name: backend.name, reason: reason))
                    continue
                }
                throw OperationFailure(error.diagnostic(from: backend.name))
            }
        }
        return survey
    }

    /// Takes away what a killed run of another backend left beside rules: a chain that nothing jumps to.
    ///
    /// Where it can't be looked for, nothing is lost by it.
    func clearLeftovers(of instance: InstanceName, beside loaded: [Loaded]) {
        for backend in backends
        where !backend.name.isAtomic && !loaded.contains(where: { $0.name == backend.name })
            && mayHoldRules(backend.name)
        {
            _ = try? backend.remove(instance, sharing: .all)
        }
    }

    /// The chains of every program, ours too.
    func everybodysChains() throws(OperationFailure) -> [LoadedChain] {
        do throws(BackendError) {
            return try BaseChainSurvey.chains()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    /// Runs `body` while no other tproxy changes rules of this namespace: what it sees stays so.
    ///
    /// `passing` is told of one that is stopped, which then isn't waited for: it looks again when it is
    /// continued.
    func exclusively<Value>(
        passing: ((Diagnostic) -> Void)? = nil, _ body: () throws(OperationFailure) -> Value
    ) throws(OperationFailure) -> Value {
        do throws(BackendError) {
            try Privilege.check()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        return try NamespaceLock.holding(
            retry, passing: passing.map { passing in { passing(.passedHolder($0)) } },
            refusal: { OperationFailure($0.diagnostic) }, body)
    }

    // MARK: kumactl

    /// What kumactl installed, by each flavour that is here.
    package func kumactlInstallations() throws(OperationFailure) -> [KumactlInstallation] {
        do throws(BackendError) {
            var found: [KumactlInstallation] = []
            for flavour in IptablesFlavour.allCases {
                if let one = try KumactlInstallation.find(flavour, retry: retry, paths: paths) {
                    found.append(one)
                }
            }
            return found
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    /// Takes out exactly what kumactl installed.
    package func remove(_ installation: KumactlInstallation) throws(OperationFailure) {
        do throws(BackendError) {
            try installation.remove()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }
}

extension Backend {
    /// The digest that the rules would have in the kernel.
    func validDigest(of ruleset: Ruleset) throws(OperationFailure) -> String {
        do throws(RulesetProblem) {
            return try digest(of: ruleset)
        } catch {
            throw OperationFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }

    /// What is loaded for `instance`.
    func found(_ instance: InstanceName) throws(OperationFailure) -> InstalledRuleset? {
        do throws(BackendError) {
            return try installed(instance)
        } catch {
            throw OperationFailure(error.diagnostic(from: name))
        }
    }

    /// Throws what the backend would refuse on this host.
    ///
    /// It refuses that itself; asked before the preflight, it is the only one that says so.
    func checkHost(for ruleset: Ruleset) throws(OperationFailure) {
        do throws(BackendError) {
            try check(ruleset)
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }
}
