import Diagnostics
import EBPFBackend
import LinuxHost
package import IptablesBackend
import NftablesBackend
package import RuleIR
import TproxyConfig

/// The backends of this build, with the user's retry policy and programs.
package struct BackendSelection {
    /// A loaded ruleset and its backend.
    package struct Loaded {
        let backend: any Backend
        package let installed: InstalledRuleset

        package var name: BackendName { backend.name }
    }

    /// A backend whose tables can't be read, with the reason.
    struct Unreadable {
        var name: BackendName
        var reason: String
    }

    /// The loaded rulesets, and the backends that couldn't be read.
    package struct Survey {
        package var loaded: [Loaded] = []
        var unreadable: [Unreadable] = []

        /// Returns diagnostics for the backends that couldn't be read.
        func doubts(_ severity: Diagnostic.Severity = .warning) -> [Diagnostic] {
            unreadable.map { .unreadableBackend($0.name.text, $0.reason, severity) }
        }
    }

    /// The names of the backends, in the order in which they are queried.
    static let names = BackendSelection().backends.map(\.name)

    package let retry: RetryPolicy
    /// The user's iptables programs by name.
    let paths: [String: String]
    let backends: [any Backend]

    /// A new backend is one more line here.
    init(
        retry: RetryPolicy = RetryPolicy(), paths executables: IptablesExecutables = .init(),
        submission: Submission? = nil, ebpf: EBPFSettings = EBPFSettings()
    ) {
        let paths = Dictionary(
            uniqueKeysWithValues: executables.paths.map { ($0.key.rawValue, $0.value) })
        self.init(
            retry: retry, paths: paths,
            backends: [
                NftablesBackend(version: tproxyVersion, retry: retry, submission: submission),
                IptablesBackend(.nft, version: tproxyVersion, retry: retry, paths: paths),
                IptablesBackend(.legacy, version: tproxyVersion, retry: retry, paths: paths),
                EBPFBackend(version: tproxyVersion, retry: retry, settings: ebpf),
            ])
    }

    init(retry: RetryPolicy, paths: [String: String] = [:], backends: [any Backend]) {
        self.retry = retry
        self.paths = paths
        self.backends = backends
    }

    // MARK: Choosing

    /// Returns the backend with a name; throws if this build has none.
    func backend(_ name: BackendName) throws(OperationFailure) -> any Backend {
        guard let found = backends.first(where: { $0.name == name }) else {
            throw OperationFailure(.noSuchBackend(name.text))
        }
        return found
    }

    /// Returns the chosen backend; `iptables` is the flavour that the host uses.
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

    /// Returns the name of the chosen backend.
    package func name(of choice: BackendChoice) throws(OperationFailure) -> BackendName {
        try backend(of: choice).name
    }

    /// Returns the likely name of the chosen backend, without operations that require privileges.
    package func expectedName(of choice: BackendChoice) -> BackendName {
        (try? name(of: choice)) ?? .iptablesNft
    }

    /// Returns firewalld's own backend if it is the chosen one, for rules that firewalld stores.
    ///
    /// Rules in the tables of another flavour or of nft would remain beside those that firewalld
    /// loads.
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

    // MARK: Loaded rules

    /// Whether the tables of the backend may exist.
    ///
    /// Querying the kernel takes a hundredth of the time of iptables-nft-save. The backend of
    /// iptables-legacy checks for its tables itself.
    private func mayHoldRules(_ name: BackendName) -> Bool {
        guard name.placement == .iptables(.nftables) else { return true }
        // If the kernel doesn't answer, ask the backend.
        return (try? TableSurvey.families())?.isEmpty != true
    }

    /// Returns the rules that all backends except `excluded` have loaded.
    ///
    /// A backend whose programs are missing is skipped; one whose tables can't be read is reported.
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

    /// Removes probe chains that an interrupted run of another backend left beside rules.
    ///
    /// Failures are ignored, since no rule jumps to these chains.
    func clearLeftovers(of instance: InstanceName, beside loaded: [Loaded]) {
        for backend in backends
        where !backend.name.isAtomic && !loaded.contains(where: { $0.name == backend.name })
            && mayHoldRules(backend.name)
        {
            _ = try? backend.remove(instance, sharing: .all)
        }
    }

    /// Returns the chains of all programs, including ours.
    func allChains() throws(OperationFailure) -> [LoadedChain] {
        do throws(BackendError) {
            return try BaseChainSurvey.chains()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    /// Runs `body` while no other tproxy changes rules of this namespace.
    ///
    /// `passing` receives a tproxy that is stopped; this one doesn't wait for it, because it checks
    /// the rules again when it continues.
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

    /// Returns the installations of kumactl in each flavour of this host.
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

    /// Removes exactly the rules and chains of an installation of kumactl.
    package func remove(_ installation: KumactlInstallation) throws(OperationFailure) {
        do throws(BackendError) {
            try installation.remove()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }
}

extension Backend {
    /// Returns the digest that the rules will have in the kernel.
    func validDigest(of ruleset: Ruleset) throws(OperationFailure) -> String {
        do throws(RulesetProblem) {
            return try digest(of: ruleset)
        } catch {
            throw OperationFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }

    /// Returns the rules that are loaded for `instance`.
    func found(_ instance: InstanceName) throws(OperationFailure) -> InstalledRuleset? {
        do throws(BackendError) {
            return try installed(instance)
        } catch {
            throw OperationFailure(error.diagnostic(from: name))
        }
    }

    /// Throws the error with which the backend would refuse the rules on this host.
    ///
    /// Called before the preflight, so that only this error is reported.
    func checkHost(for ruleset: Ruleset) throws(OperationFailure) {
        do throws(BackendError) {
            try check(ruleset)
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }
}
