import Diagnostics
import HostChange
import IptablesBackend
import NftablesBackend
import RuleIR
import TproxyConfig

/// What puts rules into the kernel, by the name that users give it.
enum BackendName: String, CaseIterable {
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
struct BackendSelection {
    /// Something that is loaded, and what loaded it.
    struct Loaded {
        var name: BackendName
        var installed: InstalledRuleset
    }

    /// A backend whose tables can't be read, and why.
    struct Unreadable {
        var name: BackendName
        var reason: String
    }

    /// What was found, and where nothing could be looked for.
    struct Survey {
        var loaded: [Loaded] = []
        var unreadable: [Unreadable] = []
    }

    let retry: RetryPolicy
    /// The user's iptables programs by name.
    let paths: [String: String]
    private let nft: NftablesBackend

    init(
        retry: RetryPolicy = RetryPolicy(), paths executables: IptablesExecutables = .init(),
        submission: Submission? = nil
    ) {
        self.retry = retry
        nft = NftablesBackend(
            version: tproxyVersion, retry: retry, submission: submission)
        paths = Dictionary(
            uniqueKeysWithValues: executables.paths.map { ($0.key.rawValue, $0.value) })
    }

    func backend(_ name: BackendName) -> any Backend {
        switch name {
        case .nft: nft
        case .iptablesNft: iptables(.nft)
        case .iptablesLegacy: iptables(.legacy)
        }
    }

    /// The document of libnftables-json(5) that `apply` would submit.
    func changeDocument(to ruleset: Ruleset) throws(CommandFailure) -> String {
        do throws(BackendError) {
            return try nft.changeDocument(to: ruleset)
        } catch {
            throw CommandFailure(diagnostic(of: error, from: .nft))
        }
    }

    private func iptables(_ flavour: IptablesFlavour) -> IptablesBackend {
        IptablesBackend(flavour, version: tproxyVersion, retry: retry, paths: paths)
    }

    /// The digest that the rules would have in the kernel.
    func digest(of ruleset: Ruleset, for name: BackendName) throws(CommandFailure) -> String {
        do throws(RulesetProblem) {
            return try backend(name).digest(of: ruleset)
        } catch {
            throw CommandFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }

    /// Lets `name` load rules that jump to Docker's chain, where there is no Docker.
    func standInForDocker(_ name: BackendName) throws(BackendError) {
        switch name {
        case .nft: return
        case .iptablesNft: try iptables(.nft).standInForDocker()
        case .iptablesLegacy: try iptables(.legacy).standInForDocker()
        }
    }

    /// The backend that is meant; `iptables` is the flavour that the host uses.
    func name(of choice: BackendOptions.Choice) throws(CommandFailure) -> BackendName {
        switch choice {
        case .nft: return .nft
        case .iptablesNft: return .iptablesNft
        case .iptablesLegacy: return .iptablesLegacy
        case .iptables:
            let preferred: IptablesFlavour?
            do throws(BackendError) {
                preferred = try IptablesFlavour.preferred(paths: paths)
            } catch {
                throw CommandFailure(error.diagnostic)
            }
            switch preferred {
            case .nft: return .iptablesNft
            case .legacy: return .iptablesLegacy
            case nil: throw CommandFailure(.noIptables())
            }
        }
    }

    /// The backend that is meant, without asking what takes rights to know.
    func expectedName(of choice: BackendOptions.Choice) -> BackendName {
        (try? name(of: choice)) ?? .iptablesNft
    }

    /// The backend that is meant, where the rules are stored for firewalld: its own.
    ///
    /// Rules in the tables of another flavour, or of nft, would stay beside those that firewalld loads.
    static func nameForFirewalld(
        _ choice: BackendOptions.Choice
    ) throws(CommandFailure) -> BackendName {
        guard let name = try FirewalldConflicts.backend() else {
            throw CommandFailure(.noFirewalldPrograms(IptablesFlavour.firewalldProgram))
        }
        guard choice == .iptables || choice.rawValue == name.rawValue else {
            throw CommandFailure(
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
    /// A backend whose programs are missing, or whose tables can't be read, has nothing that could
    /// be told of; the latter is said, unless it is another backend's business.
    func loaded(
        _ instance: InstanceName, except excluded: BackendName? = nil
    ) throws(CommandFailure) -> [Loaded] {
        let survey = try survey(instance, except: excluded)
        if excluded == nil {
            Console.report(
                survey.unreadable.map { .unreadableBackend($0.name.rawValue, $0.reason) })
        }
        return survey.loaded
    }

    /// The same, and which backends have tables that can't be read.
    func survey(
        _ instance: InstanceName, except excluded: BackendName? = nil
    ) throws(CommandFailure) -> Survey {
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
                throw CommandFailure(diagnostic(of: error, from: name))
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
    /// `passesStopped`: one that is stopped isn't waited for. It looks again when it is continued.
    func exclusively<Value>(
        passesStopped: Bool = false, _ body: () throws(CommandFailure) -> Value
    ) throws(CommandFailure) -> Value {
        do throws(BackendError) {
            try Privilege.check()
        } catch {
            throw CommandFailure(error.diagnostic)
        }
        return try NamespaceLock.holding(
            retry, passing: passesStopped ? { Console.report([.passedHolder($0)]) } : nil,
            refusal: { CommandFailure($0.diagnostic) }, body)
    }

    /// What to tell of a backend's error: rules of Kuma's form that aren't ours are kumactl's.
    func diagnostic(of error: BackendError, from name: BackendName) -> Diagnostic {
        if case .foreignObject = error, name != .nft { return .kumactlInstalled(name.rawValue) }
        return error.diagnostic
    }

    /// The chains of every program, ours too.
    func everybodysChains() throws(CommandFailure) -> [LoadedChain] {
        do throws(BackendError) {
            return try BaseChainSurvey.chains()
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }

    /// What kumactl installed, by each flavour that is here.
    func kumactlInstallations() throws(BackendError) -> [KumactlInstallation] {
        var found: [KumactlInstallation] = []
        for flavour in IptablesFlavour.allCases {
            if let one = try KumactlInstallation.find(flavour, retry: retry, paths: paths) {
                found.append(one)
            }
        }
        return found
    }
}
