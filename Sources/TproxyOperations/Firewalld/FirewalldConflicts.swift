import Addressing
package import Diagnostics
import FirewalldControl
import LinuxHost
import IptablesBackend
import RuleIR
import TproxyConfig

/// Predicts the effect of this host's firewalld on the rules.
package struct FirewalldConflicts {
    private static let settingsPath = "/etc/firewalld/firewalld.conf"

    /// Determined on request, because it searches all processes.
    private var presence: FirewalldPresence { FirewalldPresence.look() }

    package init() {}

    // MARK: Rules for the kernel

    /// Throws if the kernel would get the rules twice: from `name` now, and from firewalld.
    ///
    /// Returns warnings about the effect of firewalld on rules that are loaded by `name` and not
    /// stored. Its effect on packets is a matter of the preflight.
    func check(
        _ plan: Plan, loadedBy name: BackendName
    ) throws(OperationFailure) -> [Diagnostic] {
        let store = FirewalldStore(FirewalldStore.standardPath)
        let isStored = store.isHoldingRules
        // firewalld doesn't change a table of our own.
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
    /// A file elsewhere is assumed to be installed later.
    func loads(_ path: String) -> Bool {
        path != FirewalldStore.standardPath || presence != .elsewhere
    }

    // MARK: Rules for firewalld's file

    /// Throws if rules of ours are loaded beside those that firewalld would load.
    ///
    /// Returns warnings about rules that firewalld loads.
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
        return warnings(plan, storedIn: path, withPreflight: false)
    }

    /// Returns warnings about rules that firewalld loads.
    ///
    /// If a preflight is run, it sees the effect of a running firewalld; then these cover only a
    /// firewalld that may start.
    func warnings(
        _ plan: Plan, storedIn path: String, withPreflight: Bool
    ) -> [Diagnostic] {
        guard path == FirewalldStore.standardPath else { return [] }
        var diagnostics: [Diagnostic] = [
            .directRulesAreDeprecated(IptablesFlavour.firewalldProgram)
        ]
        if !Firewalld().isInstalled { diagnostics.append(.noFirewalld(path)) }
        if !withPreflight || presence != .running { diagnostics += rejections(of: plan) }
        return diagnostics
    }

    // MARK: firewalld itself

    /// Returns the backend whose tables firewalld manages: that of the programs it calls.
    static func backend() throws(OperationFailure) -> BackendName? {
        do {
            return try IptablesFlavour.ofFirewalld().map { .iptables($0) }
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    private func rejections(of plan: Plan) -> [Diagnostic] {
        let redirect = plan.config.redirect
        let redirectsOutput = redirect.outbound.enabled.value || redirect.dns.enabled.value
        guard plan.ruleset.families.contains(.ipv6), redirectsOutput,
            Self.settings.rejectsEmbeddedIPv4
        else { return [] }
        return [.firewalldRejectsIPv6()]
    }

    /// The settings; the defaults if the file is missing or can't be read.
    private static var settings: FirewalldSettings {
        guard let bytes = try? HostFile(settingsPath).read() else { return FirewalldSettings() }
        return FirewalldSettings(text: String(decoding: bytes, as: UTF8.self))
    }
}
