import Addressing
import Diagnostics
import FirewalldControl
import HostFiles
import IptablesBackend
import RuleIR
import TproxyConfig

/// What the firewalld of this host would do to rules, looked at before it does.
struct FirewalldConflicts {
    private static let settingsPath = "/etc/firewalld/firewalld.conf"

    /// Looked for when it is asked for, among all processes.
    private var presence: FirewalldPresence { FirewalldPresence.look() }

    // MARK: Rules for the kernel

    /// Throws where the kernel would get the rules twice: by `name` now, and by firewalld.
    ///
    /// Warns of what firewalld does to rules that are loaded by `name` and not stored. What it does to
    /// packets, the preflight finds in the kernel.
    func check(_ plan: Plan, loadedBy name: BackendName) throws(CommandFailure) {
        let store = FirewalldStore(FirewalldStore.standardPath)
        let isStored = store.isHoldingRules
        // firewalld has nothing to do with a table of our own.
        guard isStored || name != .nft else { return }
        let presence = presence
        guard presence != .elsewhere else { return }
        let isOfFirewalld = name == .nft ? false : try name == Self.backend()
        guard !isStored || isOfFirewalld else {
            throw CommandFailure(.storedForFirewalld(store.path, wanted: name.rawValue))
        }
        if isOfFirewalld, isStored {
            if !Self.holds(plan, store) { Console.report([.storedRulesDiffer(store.path)]) }
        } else if isOfFirewalld, presence == .running {
            Console.report([.firewalldFlushes(name.rawValue)])
        }
    }

    /// Whether storing the plan would change nothing.
    private static func holds(_ plan: Plan, _ store: FirewalldStore) -> Bool {
        guard let emission = try? plan.firewalldEmission(ownedAlias: store.ownedAlias()),
            let proposal = try? store.merging(emission, into: store.read())
        else { return false }
        return !proposal.isDifferent
    }

    /// Whether firewalld loads a file into this network namespace.
    ///
    /// One that isn't where it reads is taken for one that will be.
    func loads(_ path: String) -> Bool {
        path != FirewalldStore.standardPath || presence != .elsewhere
    }

    // MARK: Rules for firewalld's file

    /// Throws where other rules of ours are loaded beside those that firewalld would load.
    ///
    /// Warns of what comes of rules that firewalld loads.
    func check(
        _ plan: Plan, storedIn path: String, _ selection: BackendSelection
    ) throws(CommandFailure) {
        guard path == FirewalldStore.standardPath else { return }
        if presence != .elsewhere,
            let other = try selection.loaded(plan.ruleset.instance, except: Self.backend()).first
        {
            throw CommandFailure(.loadedBesideFirewalld(other.name.rawValue))
        }
        report(plan, storedIn: path, besidePreflight: false)
    }

    /// Warns of what comes of rules that firewalld loads.
    ///
    /// Beside a preflight, which sees what a running firewalld does, only of what one would do.
    func report(_ plan: Plan, storedIn path: String, besidePreflight: Bool) {
        guard path == FirewalldStore.standardPath else { return }
        var diagnostics: [Diagnostic] = [
            .directRulesAreDeprecated(IptablesFlavour.firewalldProgram)
        ]
        if !Firewalld().isInstalled { diagnostics.append(.noFirewalld(path)) }
        if !besidePreflight || presence != .running { diagnostics += rejections(of: plan) }
        Console.report(diagnostics)
    }

    // MARK: firewalld itself

    /// The backend whose rules firewalld replaces by its own: that of the programs it calls.
    static func backend() throws(CommandFailure) -> BackendName? {
        do {
            return try IptablesFlavour.ofFirewalld().map { BackendName($0) }
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }

    private func rejections(of plan: Plan) -> [Diagnostic] {
        let redirect = plan.config.redirect
        let capturesOutput = redirect.outbound.enabled.value || redirect.dns.enabled.value
        guard plan.ruleset.families.contains(.ipv6), capturesOutput,
            Self.settings.rejectsEmbeddedIPv4
        else { return [] }
        return [.firewalldRejectsIPv6()]
    }

    /// Its defaults where there is no file, or none that can be read.
    private static var settings: FirewalldSettings {
        guard let bytes = try? HostFile(settingsPath).read() else { return FirewalldSettings() }
        return FirewalldSettings(text: String(decoding: bytes, as: UTF8.self))
    }
}
