import IptablesBackend
package import LinuxHost
import NftablesBackend
package import RuleIR
import TproxyConfig

/// A change that is undone at a deadline unless it is confirmed (decision 0072).
package struct PendingChange: Hashable, Sendable {
    enum Stage: String, Hashable, Sendable {
        /// Nothing has been changed, and perhaps no guard runs.
        case prepared
        /// A guard runs, and the rules may have been changed.
        case guarded
    }

    /// What a backend had loaded before.
    struct Former: Hashable, Sendable {
        var backend: BackendName
        var snapshot: RulesSnapshot
    }

    /// A name that no other change has.
    package let id: String
    let namespace: NamespaceIdentity
    package let instance: InstanceName
    /// The backend that loads the new rules, and their digest.
    package let backend: BackendName
    package let digest: String
    package let deadline: BootTime
    var stage = Stage.prepared
    /// What restores the former rules at the deadline; nil before it is started.
    package var guardian: ChangeGuard?
    /// The user's iptables programs by name.
    var programs: [String: String] = [:]
    /// The state before the change: each backend that the change may touch.
    var former: [Former] = []
    var prerequisites: [PrerequisiteState] = []
    /// Nil if the change doesn't touch the tables of iptables-nft.
    var builtInTables: BuiltInTables?

    package var isOverdue: Bool { deadline.hasPassed }

    /// The deadline by the present time of day; nil for a year without four digits.
    package var deadlineTime: LoadTime? {
        LoadClock.time(inSeconds: deadline.secondsLeft)
    }

    /// The deadline as part of a sentence.
    package var deadlineWords: String {
        let seconds = deadline.secondsLeft
        let time = deadlineTime.map { "at \($0.words), " } ?? ""
        return "\(time)in \(seconds) s"
    }

    /// The backends that the change may touch, with the programs that it used.
    var selection: BackendSelection {
        let paths = programs.compactMap { name, path in
            IptablesExecutables.Program(rawValue: name).map { ($0, path) }
        }
        return BackendSelection(
            retry: Self.retry,
            paths: IptablesExecutables(paths: Dictionary(paths) { first, _ in first }))
    }

    /// A restoration has more patience than a change: it is wanted, whatever else goes on.
    static let retry = RetryPolicy(
        maxRetries: 50, sleepBetweenRetries: .milliseconds(200), wait: .seconds(600))
}

extension PendingChange {
    /// Reads the state that the change may touch; changes nothing.
    init(
        of ruleset: Ruleset, to backend: any Backend, _ selection: BackendSelection,
        after duration: Duration
    ) throws(OperationFailure) {
        let loaded = try selection.survey(ruleset.instance).loaded
        var touched: [any Backend] = [backend]
        touched += loaded.map(\.backend).filter { $0.name != backend.name }
        self.id = Self.newID()
        self.namespace = try PendingStore.namespace()
        self.instance = ruleset.instance
        self.backend = backend.name
        self.digest = try backend.validDigest(of: ruleset)
        self.deadline = BootTime.now.advanced(by: duration)
        self.programs = selection.paths
        for one in touched {
            guard let restorer = one.restorer else {
                throw OperationFailure(.notRestorable(one.name.text))
            }
            do throws(BackendError) {
                former.append(
                    Former(
                        backend: one.name, snapshot: try restorer.snapshot(of: instance)))
            } catch {
                throw OperationFailure(error.diagnostic(from: one.name))
            }
        }
        do throws(BackendError) {
            var known = Set(ruleset.prerequisites)
            known.formUnion(loaded.flatMap(\.installed.ownedPrerequisites))
            for kind in HostPrerequisite.Kind.allCases {
                known.formUnion(try HostPrerequisite.marked(kind))
            }
            for prerequisite in known.sorted() {
                prerequisites.append(try PrerequisiteState(of: prerequisite))
            }
            if touched.contains(where: { $0.name == .iptablesNft }) {
                builtInTables = try BuiltInTables.read()
            }
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    /// Returns 16 random hexadecimal digits.
    private static func newID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
