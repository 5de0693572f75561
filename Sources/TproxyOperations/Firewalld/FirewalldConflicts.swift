import Addressing
package import Diagnostics
import FirewalldControl
import HostFiles
import IptablesBackend
import RuleIR
import TproxyConfig

/// What the firewalld of this host would do to rules, looked at before it does.
package struct FirewalldConflicts {
    private static let settingsPath = "/etc/firewalld/firewalld.conf"

    /// Looked for when it is asked for, among all processes.
    private var presence: FirewalldPresence { FirewalldPresence.look() }

    package init() {}

    // MARK: Rules for the kernel

    /// Throws where the kernel would get the rules twice: by `name` now, and by firewalld.
    ///
    /// Returns what firewalld does to rules that are loaded by `name` and not stored. What it does to
    /// packets, the preflight finds in the kernel.
    func check(
        _ plan: Plan, loadedBy name: BackendName
    ) throws(OperationFailure) -> [Diagnostic] {
        let store = FirewalldStore(FirewalldStore.standardPath)
        let isStored = store.isHoldingRules
        // firewalld has nothing to do with a table of our own.
        guard isStored || name.placement.isShared else { return [] }
        let presence = presence
        guard presence != .elsewhere else { return [] }
        let isOfFirewalld = name.placement.isShared ? try name == Self.backend() : false
        guard !isStored || isOfFirewalld else {
            throw OperationFailure(.storedForFirewalld(store.path, wanted: name.text))
        }
        if isOfFirewalld, isStored {
            return Self.holds(plan, store) ? [] : [.storedRulesDiffer(store.path)]
        }
        return isOfFirewalld && presence == .running ? [.firewalldFlushes(name.text)] : []
    }

    /// Whether storing the plan would change nothing.
    private static func holds(_ plan: Plan, _ store: FirewalldStore) -> Bool {
        guard let emission = try? plan.firewalldEmission(owning: store.ownedPrerequisites()),
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
    /// Returns what comes of rules that firewalld loads.
    package func check(
        _ plan: Plan, storedIn path: String
    ) throws(OperationFailure) -> [Diagnostic] {
        guard path == FirewalldStore.standardPath else { return [] }
        if presence != .elsewhere,
            let other = try plan.backends.survey(plan.ruleset.instance, except: Self.backend())
                .loaded.first
        {
            throw OperationFailure(.loadedBesideFirewalld(other.name.text))
        }
        return warnings(plan, storedIn: path, besidePreflight: false)
    }

    /// What comes of rules that firewalld loads.
    ///
    /// Beside a preflight, which sees what a running firewalld does, only of what one would do.
    func warnings(
        _ plan: Plan, storedIn path: String, besidePreflight: Bool
    ) -> [Diagnostic] {
        guard path == FirewalldStore.standardPath else { return [] }
        var diagnostics: [Diagnostic] = [
            .directRulesAreDeprecated(IptablesFlavour.firewalldProgram)
        ]
        if !Firewalld().isInstalled { diagnostics.append(.noFirewalld(path)) }
        if !besidePreflight || presence != .running { diagnostics += rejections(of: plan) }
        return diagnostics
    }

    // MARK: firewalld itself

    /// The backend whose rules firewalld replaces by its own: that of the programs it calls.
    static func backend() throws(OperationFailure) -> BackendName? {
        do {
            return try IptablesFlavour.ofFirewalld().map { .iptables($0) }
        } catch {
            throw OperationFailure(error.diagnostic)
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
