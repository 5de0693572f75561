import Diagnostics
import HostChange
package import IptablesBackend
import NftablesBackend
package import RuleIR
package import TproxyConfig

/// What puts rules into the kernel, by the name that users give it.
package enum BackendName: String, CaseIterable, Codable, Sendable {
    case nft
    case iptablesNft = "iptables-nft"
    case iptablesLegacy = "iptables-legacy"

    init(_ flavour: IptablesFlavour) {
        self =
            switch flavour {
            case .nft: .iptablesNft
            case .legacy: .iptablesLegacy
            }
    }
}

/// The backends of this build, with the user's patience and programs.
package struct BackendSelection {
    /// Something that is loaded, and what loaded it.
    package struct Loaded {
        package var name: BackendName
        package var installed: InstalledRuleset
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
            unreadable.map { .unreadableBackend($0.name.rawValue, $0.reason, severity) }
        }
    }

    package let retry: RetryPolicy
    /// The user's iptables programs by name.
    let paths: [String: String]
    private let nft: NftablesBackend

    package init(
        retry: RetryPolicy = RetryPolicy(), paths executables: IptablesExecutables = .init()
    ) {
        self.retry = retry
        nft = NftablesBackend(version: tproxyVersion, retry: retry)
        paths = Dictionary(
            uniqueKeysWithValues: executables.paths.map { ($0.key.rawValue, $0.value) })
    }

    package func backend(_ name: BackendName) -> any Backend {
        switch name {
        case .nft: nft
        case .iptablesNft: iptables(.nft)
        case .iptablesLegacy: iptables(.legacy)
        }
    }

    private func iptables(_ flavour: IptablesFlavour) -> IptablesBackend {
        IptablesBackend(flavour, version: tproxyVersion, retry: retry, paths: paths)
    }

    /// The digest that the rules would have in the kernel.
    func digest(of ruleset: Ruleset, for name: BackendName) throws(OperationFailure) -> String {
        do throws(RulesetProblem) {
            return try backend(name).digest(of: ruleset)
        } catch {
            throw OperationFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }

    /// Lets `name` load rules that jump to Docker's chain, where there is no Docker.
    package func standInForDocker(_ name: BackendName) throws(BackendError) {
        switch name {
        case .nft: return
        case .iptablesNft: try iptables(.nft).standInForDocker()
        case .iptablesLegacy: try iptables(.legacy).standInForDocker()
        }
    }

    /// Throws where rules of an iptables backend would jump to a chain of Docker's that is in the tables of
    /// the other flavour.
    ///
    /// The backend refuses them itself; asked before the preflight, it is the only one that says so.
    func checkDockerChain(
        for ruleset: Ruleset, _ name: BackendName
    ) throws(OperationFailure) {
        let flavour: IptablesFlavour
        switch name {
        case .nft: return
        case .iptablesNft: flavour = .nft
        case .iptablesLegacy: flavour = .legacy
        }
        do throws(BackendError) {
            try iptables(flavour).checkDockerChain(for: ruleset)
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    /// The backend that is meant; `iptables` is the flavour that the host uses.
    package func name(of choice: BackendChoice) throws(OperationFailure) -> BackendName {
        switch choice {
        case .nft: return .nft
        case .iptablesNft: return .iptablesNft
        case .iptablesLegacy: return .iptablesLegacy
        case .iptables:
            let preferred: IptablesFlavour?
            do throws(BackendError) {
                preferred = try IptablesFlavour.preferred(paths: paths)
            } catch {
                throw OperationFailure(error.diagnostic)
            }
            switch preferred {
            case .nft: return .iptablesNft
            case .legacy: return .iptablesLegacy
            case nil: throw OperationFailure(.noIptables())
            }
        }
    }

    /// The backend that is meant, without asking what takes rights to know.
    package func expectedName(of choice: BackendChoice) -> BackendName {
        (try? name(of: choice)) ?? .iptablesNft
    }

    /// The backend that is meant, where the rules are stored for firewalld: its own.
    ///
    /// Rules in the tables of another flavour, or of nft, would stay beside those that firewalld loads.
    static func nameForFirewalld(
        _ choice: BackendChoice
    ) throws(OperationFailure) -> BackendName {
        guard let name = try FirewalldConflicts.backend() else {
            throw OperationFailure(.noFirewalldPrograms(IptablesFlavour.firewalldProgram))
        }
        guard choice == .iptables || choice.rawValue == name.rawValue else {
            throw OperationFailure(
                .firewalldNeedsIptables(choice.rawValue, flavour: name.rawValue))
        }
        return name
    }

    /// Whether the backend's tables could be there at all.
    ///
    /// To ask the kernel takes a hundredth of the time of iptables-nft-save. The tables of
    /// iptables-legacy are looked for by their backend.
    private func mayHoldRules(_ name: BackendName) -> Bool {
        guard name == .iptablesNft else { return true }
        // Where the kernel doesn't say, the backend does.
        return (try? TableSurvey.families())?.isEmpty != true
    }

    /// What is loaded by any backend but `excluded`.
    ///
    /// A backend whose programs are missing has nothing that could be told of; one whose tables can't
    /// be read is named.
    package func survey(
        _ instance: InstanceName, except excluded: BackendName? = nil
    ) throws(OperationFailure) -> Survey {
        var survey = Survey()
        for name in BackendName.allCases where name != excluded && mayHoldRules(name) {
            do throws(BackendError) {
                if let installed = try backend(name).installed(instance) {
                    survey.loaded.append(Loaded(name: name, installed: installed))
                }
            } catch {
                if case .unsupported = error, name != .nft { continue }
                if case .failed(_, let reason) = error, name != .nft {
                    survey.unreadable.append(Unreadable(name: name, reason: reason))
                    continue
                }
                throw OperationFailure(diagnostic(of: error, from: name))
            }
        }
        return survey
    }

    /// Takes away what a killed run of another backend left beside rules: a chain that nothing jumps to.
    ///
    /// Where it can't be looked for, nothing is lost by it.
    func clearLeftovers(of instance: InstanceName, beside loaded: [Loaded]) {
        for name in BackendName.allCases
        where name != .nft && !loaded.contains(where: { $0.name == name }) && mayHoldRules(name) {
            _ = try? backend(name).remove(instance, sharesAlias: true)
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

    /// What to tell of a backend's error: rules of Kuma's form that aren't ours are kumactl's.
    func diagnostic(of error: BackendError, from name: BackendName) -> Diagnostic {
        if case .foreignObject = error, name != .nft { return .kumactlInstalled(name.rawValue) }
        return error.diagnostic
    }

    /// The chains of every program, ours too.
    func everybodysChains() throws(OperationFailure) -> [LoadedChain] {
        do throws(BackendError) {
            return try BaseChainSurvey.chains()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

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
