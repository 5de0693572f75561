import Diagnostics
import KubernetesAPI
import KubernetesConfig
import LinuxHost
import NftablesBackend
import TproxyOperations

/// A pod of the node, and what the agent knows of its rules.
final class TrackedPod {
    enum Task {
        /// The agent leaves its network alone.
        case pass
        case redirect(PodRules)
        /// It has to be redirected, and its configuration is invalid.
        case invalid
    }

    /// The pod's network namespace.
    struct Place {
        var sandbox: PodSandbox
        var notifications: RuleNotifications?
    }

    var pod: NodePod
    var task: Task
    var place: Place?
    /// When the namespace was first missed.
    var missedSince: ContinuousClock.Instant
    /// The time of the next comparison.
    var due: ContinuousClock.Instant
    /// The comparisons that have failed since the last one that succeeded.
    var failures = 0
    /// Whether the loaded rules were those of the pod at the last comparison.
    var isReconciled = false

    init(_ pod: NodePod, _ task: Task, now: ContinuousClock.Instant) {
        self.pod = pod
        self.task = task
        missedSince = now
        due = now
    }

    var rules: PodRules? {
        if case .redirect(let rules) = task { rules } else { nil }
    }
}

/// Decides which pods the agent reconciles.
struct PodPolicy {
    /// Namespaces whose pods are never in the mesh.
    let excludedNamespaces: Set<String>
    /// Files that configure all pods; later ones win.
    let configurationFiles: [String]

    /// Decides about a pod; reports why it can't be redirected.
    ///
    /// A pod whose own init container loads the rules is left alone: its files are unknown here.
    func task(for pod: NodePod, _ report: ([Diagnostic]) -> Void) -> TrackedPod.Task {
        guard !excludedNamespaces.contains(pod.pod.namespace), !pod.usesNodeNetwork,
            pod.initContainer == nil, !pod.isFinished
        else { return .pass }
        switch pod.pod.membership {
        case .notMeshed: return .pass
        case .undetermined(let diagnostic):
            report([diagnostic])
            return .invalid
        case .meshed:
            do throws(OperationFailure) {
                return .redirect(
                    try PodRules(
                        of: pod.pod, at: PodPlace(uid: pod.cgroupUID), files: configurationFiles))
            } catch {
                report(error.diagnostics)
                return .invalid
            }
        }
    }
}
