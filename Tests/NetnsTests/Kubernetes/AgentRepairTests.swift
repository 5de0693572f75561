import Foundation
import JSON
import Testing
import TproxyTestSupport

/// The node agent reconciles the rules of running pods.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct AgentRepairTests {
    /// Deletes the rule that redirects to a port.
    private func deleteRule(_ port: Int, of pod: AgentRig.Pod, _ rig: AgentRig) async throws {
        try await rig.machine.shell(
            """
            enter="nsenter --net=/proc/\(pod.process)/ns/net"
            $enter nft -a list table inet tproxy_mesh | awk '
                /chain /{chain = $2}
                /redirect to :\(port)/{print "delete rule inet tproxy_mesh", chain, "handle", $NF; exit}
            ' > \(rig.path("delete.nft"))
            test -s \(rig.path("delete.nft")) && $enter nft -f \(rig.path("delete.nft"))
            """)
    }

    /// A pod from before the plugin was installed gets its rules, and whatever is lost comes back.
    @Test func rulesThatAreMissingOrLostAreLoadedInPlace() async throws {
        try await AgentRig.with { rig in
            let pod = try await rig.makePod()
            try rig.setPods([AgentRig.json()])
            try await rig.until("the pod has rules") {
                try await rig.rules(of: pod).contains("redirect to :15006")
            }
            let whole = try await rig.rules(of: pod)
            for (count, change) in [
                (2, "rule"), (3, "nft flush ruleset"), (4, "nft delete table inet tproxy_mesh"),
                (5, "nft flush table inet tproxy_mesh"),
                (6, "nft 'add table inet tproxy_mesh { flags dormant; }'"),
            ] {
                if change == "rule" {
                    try await deleteRule(15006, of: pod, rig)
                } else {
                    try await rig.inside(pod, change)
                }
                try await rig.until("'\(change)' is repaired") {
                    try await rig.metric("tproxy_agent_repairs_total") == count
                }
                let rules = try await rig.rules(of: pod)
                #expect(rules.split(separator: "\n").count == whole.split(separator: "\n").count)
            }
            #expect(rig.text("agent.log").contains("repaired pod shop/web-1"))
            #expect(rig.text("agent.log").contains("missing: 1.  tcp: REDIRECTED to port 15006"))
            #expect(try await rig.metric("tproxy_agent_pods{state=\"reconciled\"}") == 1)
        }
    }

    /// Rules of other programs are no difference, and stay.
    @Test func foreignRulesAreLeftAlone() async throws {
        try await AgentRig.with { rig in
            let pod = try await rig.makePod()
            try rig.setPods([AgentRig.json()])
            try await rig.until("the pod has rules") {
                try await rig.metric("tproxy_agent_repairs_total") == 1
            }
            let checks = try await rig.metric("tproxy_agent_checks_total") ?? 0
            try await rig.inside(pod, "nft add table ip foreign")
            try await rig.until("the pod was compared") {
                try await rig.metric("tproxy_agent_checks_total") ?? 0 > checks
            }
            #expect(try await rig.rules(of: pod).contains("table ip foreign"))
            #expect(try await rig.metric("tproxy_agent_repairs_total") == 1)
        }
    }

    @Test func podsThatArentTheAgentsAreLeftAlone() async throws {
        try await AgentRig.with { rig in
            let pods = try await rig.makePods(Array(1...7))
            try rig.setPods([
                AgentRig.json(1, [:]),
                AgentRig.json(2, ["kuma.io/sidecar-injected": "false"]),
                AgentRig.json(3, namespace: "kube-system"),
                AgentRig.json(4, spec: ["hostNetwork": .bool(true)]),
                AgentRig.json(5, spec: ["initContainers": [["name": "kuma-init"]]]),
                AgentRig.json(6, phase: "Succeeded"),
                AgentRig.json(7, AgentRig.injected.merging(["kuma.io/gateway": "perhaps"]) { $1 }),
                AgentRig.json(8),
            ])
            let last = try await rig.makePod(8)
            try await rig.until("the last pod has rules") {
                try await rig.metric("tproxy_agent_pods{state=\"reconciled\"}") == 1
            }
            for pod in pods { #expect(try await rig.rules(of: pod).isEmpty, "\(pod.uid)") }
            #expect(try await rig.rules(of: last).contains("redirect to :15001"))
            #expect(try await rig.metric("tproxy_agent_pods{state=\"passed\"}") == 6)
            // A mistake is named with its pod, its annotation and the remedy.
            #expect(try await rig.metric("tproxy_agent_pods{state=\"invalid\"}") == 1)
            #expect(
                rig.text("agent.log").contains(
                    "error: pod shop/web-7, annotation kuma.io/gateway: 'perhaps'"))
        }
    }

    /// The namespace of a pod that has ended is let go, and a new sandbox of the pod is found.
    @Test func aNewSandboxOfAPodIsReconciled() async throws {
        try await AgentRig.with { rig in
            let first = try await rig.makePod()
            try rig.setPods([AgentRig.json()])
            try await rig.until("the pod has rules") {
                try await rig.metric("tproxy_agent_repairs_total") == 1
            }
            try await rig.machine.shell("kill \(first.process)")
            try FileManager.default.removeItem(atPath: rig.path("proc/\(first.process)"))
            try await rig.until("the namespace is let go") {
                try await rig.metric("tproxy_agent_pods{state=\"pending\"}") == 1
            }
            let second = try await rig.makePod()
            try await rig.until("the new namespace has rules") {
                try await rig.rules(of: second).contains("redirect to :15006")
            }
        }
    }

    /// 250 pods, more than a kubelet allows by default, from the list on and after all have lost
    /// their rules.
    @Test func a250PodsOfANodeAreReconciled() async throws {
        // A small plugin: the debug build of the real one is larger than the agent.
        var options = AgentRig.Options()
        options.plugin = "/bin/true"
        try await AgentRig.with(options) { rig in
            let numbers = Array(1...250)
            let pods = try await rig.makePods(numbers)
            try rig.setPods(numbers.map { AgentRig.json($0) })
            try await rig.until("all pods have rules") {
                try await rig.metric("tproxy_agent_pods{state=\"reconciled\"}") == 250
            }
            #expect(try await rig.rules(of: pods[249]).contains("redirect to :15006"))
            let peak = try await rig.machine.shell(
                "cat /proc/$(pgrep -f '[k]ube agent')/status | awk '/VmHWM/{print $2}'")
            let kilobytes = try #require(Int(peak.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(kilobytes < 64 << 10)
            // One list and one watch, whatever the number of pods.
            let requests = rig.text("requests.log").split(separator: "\n")
            #expect(requests.count == 2, "\(requests)")
        }
    }

    /// Cgroups and /proc of this kernel, without a stand-in.
    @Test(.enabled(if: Cgroup.root != nil, "no hierarchy of cgroups can be written here"))
    func aPodIsFoundByItsCgroup() async throws {
        var options = AgentRig.Options()
        options.proc = "/proc"
        try await AgentRig.with(options) { rig in
            let pod = try await rig.makePod()
            let cgroup = try Cgroup(ofPod: pod.uid)
            defer { cgroup.remove() }
            // The number of a process is that of the namespace of processes that writes it.
            try await rig.machine.shell("echo \(pod.process) > \(cgroup.path)/cgroup.procs")
            try rig.setPods([AgentRig.json()])
            try await rig.until("the pod has rules") {
                try await rig.rules(of: pod).contains("redirect to :15006")
            }
            // A cgroup with processes can't be removed.
            try await rig.machine.shell("kill \(pod.process)")
        }
    }
}

/// A cgroup that is named like a pod's.
private struct Cgroup {
    /// A hierarchy in which this process may make cgroups.
    static let root: String? = ["/sys/fs/cgroup", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/cpu"].first
    {
        let trial = "\($0)/tproxy-trial-\(getpid())"
        defer { rmdir(trial) }
        return mkdir(trial, 0o755) == 0 && access("\(trial)/cgroup.procs", W_OK) == 0
    }

    let path: String
    private let parent: String

    init(ofPod uid: String) throws {
        parent = "\(Self.root ?? "")/tproxy-test-\(getpid())-\(UInt32.random(in: .min ... .max))"
        path = "\(parent)/pod\(uid)"
        try FileManager.default.createDirectory(
            atPath: parent, withIntermediateDirectories: false)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    func remove() {
        for _ in 0..<200 where rmdir(path) != 0 { usleep(20_000) }
        rmdir(parent)
    }
}
