import CNI
import Diagnostics
import Glibc
import KubernetesAPI
import KubernetesConfig
import LinuxHost
import NftablesBackend
import Netlink
import TproxyOperations

/// Keeps the rules of the node's pods loaded.
///
/// The kernel notifies of changed rules, so a pod is compared when something has changed, and every
/// few minutes in any case. Rules that differ are loaded again in place.
final class PodKeeper {
    struct Counts {
        var checks = 0
        var repairs = 0
        var failures = 0
    }

    private typealias Instant = ContinuousClock.Instant

    /// The least time between two comparisons of a pod whose rules keep changing.
    private static let pause = Duration.milliseconds(200)
    /// The time between two comparisons of a pod that nothing is known to have changed.
    private static let interval = Duration.seconds(180)
    /// The time for which a missing namespace is searched every second.
    private static let patience = Duration.seconds(60)
    /// How long comparisons may hold up everything else.
    private static let turn = Duration.milliseconds(50)

    private let policy: PodPolicy
    private let search: SandboxSearch
    private let report: (AgentEvent) -> Void
    private var pods: [String: TrackedPod] = [:]
    private var nextSearch = Instant.now
    private var nextVerification = Instant.now
    private(set) var counts = Counts()

    init(_ policy: PodPolicy, proc: String, report: @escaping (AgentEvent) -> Void) {
        self.policy = policy
        search = SandboxSearch(folder: proc)
        self.report = report
    }

    /// The number of pods by what the agent does about them.
    var states: [(name: String, count: Int)] {
        var counts = ["passed": 0, "reconciled": 0, "pending": 0, "invalid": 0]
        for pod in pods.values {
            let state =
                switch pod.task {
                case .pass: "passed"
                case .invalid: "invalid"
                case .redirect: pod.isReconciled ? "reconciled" : "pending"
                }
            counts[state, default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Returns the annotations of a pod; nil if it is unknown.
    func annotations(namespace: String, name: String, uid: String) -> [String: String]? {
        guard let known = pods[uid]?.pod, known.pod.namespace == namespace, known.pod.name == name
        else { return nil }
        return known.annotations
    }

    // MARK: Pods

    func update(_ pod: NodePod) {
        let now = Instant.now
        if let known = pods[pod.uid] {
            let isSame =
                known.pod.annotations == pod.annotations && known.pod.isFinished == pod.isFinished
                && known.pod.initContainer == pod.initContainer
            known.pod = pod
            guard !isSame else { return }
            known.task = policy.task(for: pod) { report(.problem($0)) }
            known.due = now
            if known.rules == nil { known.place = nil }
            return
        }
        let tracked = TrackedPod(
            pod, policy.task(for: pod) { report(.problem($0)) }, now: now)
        pods[pod.uid] = tracked
        if tracked.rules != nil { nextSearch = min(nextSearch, now) }
    }

    func remove(uid: String) { pods[uid] = nil }

    /// Forgets all pods but these.
    func keep(_ uids: Set<String>) {
        for uid in pods.keys where !uids.contains(uid) { pods[uid] = nil }
    }

    // MARK: Time

    /// The time at which `advance` has something to do.
    var due: ContinuousClock.Instant {
        let comparisons = pods.values.filter { $0.rules != nil && $0.place != nil }.map(\.due)
        return min(nextSearch, nextVerification, comparisons.min() ?? nextVerification)
    }

    /// Does what is due, for a limited time.
    func advance() {
        let start = Instant.now
        if nextVerification <= start { verify(start) }
        if nextSearch <= start { find(start) }
        for pod in pods.values where pod.place != nil && pod.due <= start {
            guard let rules = pod.rules else { continue }
            compare(pod, rules)
            if start.duration(to: .now) > Self.turn { return }
        }
    }

    /// Lets go of namespaces whose pods have ended: an open socket would keep them alive.
    private func verify(_ now: Instant) {
        nextVerification = now.advanced(by: .seconds(1))
        var isAnyGone = false
        for pod in pods.values {
            guard let place = pod.place, !search.isThere(place.sandbox) else { continue }
            leave(pod, now)
            isAnyGone = true
        }
        if isAnyGone { PodRules.removeAbandoned() }
        MnlSocket.closeLeftOpen()
    }

    /// Lets go of a pod's namespace, and searches for that of its next sandbox.
    private func leave(_ pod: TrackedPod, _ now: ContinuousClock.Instant) {
        pod.place = nil
        pod.isReconciled = false
        pod.missedSince = now
        nextSearch = min(nextSearch, now)
    }

    /// Searches the namespaces that are unknown.
    private func find(_ now: Instant) {
        let missing = pods.values.filter { $0.rules != nil && $0.place == nil }
        let isFresh = missing.contains { $0.missedSince.duration(to: now) < Self.patience }
        nextSearch = now.advanced(by: missing.isEmpty ? .seconds(3600) : .seconds(isFresh ? 1 : 10))
        let found = search.sandboxes(of: Set(missing.map(\.pod.cgroupUID)))
        for pod in missing {
            guard let sandbox = found[pod.pod.cgroupUID] else { continue }
            pod.place = TrackedPod.Place(sandbox: sandbox)
            pod.due = now
        }
    }

    // MARK: Comparison

    private enum Result {
        case intact
        case repaired([String])
        case gone
    }

    private func compare(_ pod: TrackedPod, _ rules: PodRules) {
        guard let place = pod.place else { return }
        counts.checks += 1
        var notifications = place.notifications
        let result: Result
        do throws(PodNamespaceFailure) {
            result = try withinPodNamespace(search.networkPath(of: place.sandbox)) {
                () throws(OperationFailure) in
                // The process that led here may have ended, and another have its number.
                guard search.isThere(place.sandbox) else { return .gone }
                if notifications == nil { notifications = try Self.notifications() }
                let differences = try rules.differences()
                guard !differences.isEmpty else { return .intact }
                _ = try rules.load()
                return .repaired(differences)
            }
        } catch {
            return fail(pod, error)
        }
        switch result {
        case .gone: return leave(pod, .now)
        case .intact: break
        case .repaired(let differences):
            counts.repairs += 1
            report(
                .repaired(
                    pod: pod.pod.pod.words, differences: differences.map(CNIPlugin.words)))
        }
        pod.place?.notifications = notifications
        pod.failures = 0
        pod.isReconciled = true
        pod.due = .now.advanced(by: Self.interval * Double.random(in: 0.8...1.2))
    }

    private func fail(_ pod: TrackedPod, _ failure: PodNamespaceFailure) {
        let diagnostic: [Diagnostic]
        switch failure {
        case .notEntered(.missing, _):
            // The pod has ended, or its sandbox was made again.
            return leave(pod, .now)
        case .notEntered(.current, _):
            // It uses the node's network, whatever its manifest says.
            pod.task = .pass
            pod.place = nil
            return
        case .notEntered(.other, let problem), .notEntered(.refused, let problem):
            diagnostic = [problem]
        case .failed(let failure): diagnostic = failure.diagnostics
        }
        counts.failures += 1
        pod.failures += 1
        pod.isReconciled = false
        pod.due = .now.advanced(by: .seconds(min(60, 1 << min(pod.failures, 6))))
        report(.unreconciled(pod: pod.pod.pod.words, diagnostic))
    }

    private static func notifications() throws(OperationFailure) -> RuleNotifications {
        do throws(NetlinkError) {
            return try RuleNotifications()
        } catch {
            throw OperationFailure(
                .error(
                    id: "no-notifications", "can't watch the rules: \(error.reason)",
                    help: "run as root with CAP_NET_ADMIN"))
        }
    }

    // MARK: Notifications

    /// The descriptors that are readable when rules have changed.
    var descriptors: [pollfd] {
        pods.values.compactMap { pod in
            pod.place?.notifications.map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
        }
    }

    /// Takes notifications of the descriptors that are ready.
    func take(_ ready: Set<Int32>) {
        guard !ready.isEmpty else { return }
        for pod in pods.values {
            guard let notifications = pod.place?.notifications,
                ready.contains(notifications.descriptor)
            else { continue }
            notifications.takeAll()
            // The agent's own changes arrive here as well; a comparison that finds nothing is cheap.
            pod.due = min(pod.due, .now.advanced(by: Self.pause))
        }
    }
}
