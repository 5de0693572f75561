import Foundation
import JSON
import Testing
import TproxyTestSupport

/// `tproxy-cni` with pods whose annotations turn eBPF on.
///
/// `make test-image` runs such pods through a container runtime.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct CNIProgramsTests {
    private static let uid = "0a1b2c3d-1111-2222-3333-444455556666"
    private static let annotations = [
        "kuma.io/sidecar-injected": "true", "kuma.io/transparent-proxying-ebpf": "enabled",
        "kuma.io/transparent-proxying-ebpf-bpf-fs-path": "/mnt/bpf",
    ]

    /// `add`, `check`, `delete` and `collect` call the plugin for the pod, whose cgroup a kubelet has made.
    ///
    /// `programs` counts those that are attached to the pod's cgroup, and to that of all pods.
    private static func functions(
        _ cgroup: String?, name: String, _ annotations: [String: String]
    ) -> String {
        var runtime: [String: JSONValue] = [
            "io.kubernetes.cri.pod-annotations": .object(annotations.mapValues { .string($0) })
        ]
        runtime["cgroupPath"] = cgroup.map { .string($0) }
        let configuration: JSONValue = [
            "cniVersion": "1.1.0", "name": "net", "type": "tproxy-cni",
            "prevResult": ["cniVersion": "1.1.0"], "runtimeConfig": .object(runtime),
        ]
        return """
            name="\(name)"
            pods=$cgroup/$name
            mkdir -p "$pods"
            leave() { while [ "$pods" != "$root" ]; do rmdir "$pods"; pods=${pods%/*}; done; }
            below=${cgroup#$root}
            call() {
                printf '%s' '\(configuration.text(.compact))' | sed "s|BELOW|$below|" |
                    CNI_COMMAND=$1 CNI_CONTAINERID=c1 CNI_IFNAME=eth0 CNI_NETNS=$2 \\
                    CNI_ARGS="K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;K8S_POD_UID=\(uid)" \\
                    \(Command.plugin)
            }
            add() { call ADD /run/netns/peer >output || cat output; }
            check() { call CHECK /run/netns/peer | grep -c '"code" : 100' || true; }
            programs() {
                bpftool cgroup show "$pods" | grep -c tproxy_ || true
                bpftool cgroup show "$cgroup" | grep -c tproxy_ || true
            }
            """
    }

    private static func run(
        cgroup: String? = "BELOW/kubepods/pod\(uid)", name: String = "kubepods/pod\(uid)",
        annotations: [String: String] = [:], _ commands: String
    ) async throws -> String {
        var output = ""
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let all = Self.annotations.merging(annotations) { $1 }
            let outcome = try await EBPFScript.run(
                functions(cgroup, name: name, all) + "\n" + commands, in: sandbox)
            #expect(outcome.status == 0, "\(outcome)")
            output = outcome.output
        }
        return output
    }

    /// The programs are attached to the pod's own cgroup, however it is known.
    @Test(
        arguments: [
            ("BELOW/kubepods/pod\(uid)", "kubepods/pod\(uid)"),
            (nil, "kubepods/burstable/pod\(uid)"),
            (
                nil,
                "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
                    + "0a1b2c3d_1111_2222_3333_444455556666.slice"
            ),
        ] as [(String?, String)])
    func addAttachesToTheCgroupOfThePod(cgroup: String?, name: String) async throws {
        let output = try await Self.run(
            cgroup: cgroup, name: name,
            """
            programs; add; programs; check
            nsenter --net=/run/netns/peer nft list ruleset
            \(Command.tproxy) status | grep -c '^intact' || true
            nsenter --net=/run/netns/peer \(Command.tproxy) status | grep -c '^intact'
            call DEL /run/netns/peer; programs; left
            call DEL /run/netns/peer; call DEL ''
            """)
        #expect(output == "0\n0\n10\n0\n0\n0\n1\n0\n0\n", "\(output)")
    }

    /// The name of a slice, as a runtime with systemd may pass it, holds those around it.
    @Test func aSliceIsFoundByItsName() async throws {
        let output = try await Self.run(
            cgroup: "a-b-c.slice", name: "a.slice/a-b.slice/a-b-c.slice",
            annotations: ["kuma.io/transparent-proxying-ebpf-cgroup-path": "/mnt/cgroups"],
            "mkdir /mnt/cgroups; mount --bind \"$cgroup\" /mnt/cgroups; add; programs; umount /mnt/cgroups"
                + "; call DEL /run/netns/peer")
        #expect(output == "10\n0\n", "\(output)")
    }

    @Test func checkNamesWhatIsMissing() async throws {
        let output = try await Self.run(
            """
            check; add; check
            rm /mnt/bpf/tproxy-*/tproxy_connect6
            check; call CHECK /run/netns/peer | grep -o 'programs are missing or changed' | head -1
            add; check; programs
            call DEL /run/netns/peer; left
            """)
        #expect(output == "1\n0\n1\nprograms are missing or changed\n0\n10\n0\n", "\(output)")
    }

    /// Without DEL, or with a DEL that comes too late, programs of pods that are gone are removed.
    @Test(arguments: ["call DEL ''", "call DEL /run/netns/peer", "call GC ''"])
    func theProgramsDisappearWithThePod(command: String) async throws {
        let output = try await Self.run(
            """
            add; programs
            ip netns delete peer
            # The kernel takes its time to delete a namespace.
            for attempt in $(seq 100); do
                \(command)
                [ -n "$(find /mnt/bpf -name 'tproxy-*')" ] || break
                sleep 0.1
            done
            programs; left
            """)
        #expect(output == "10\n0\n0\n0\n", "\(output)")
    }

    /// A pod fails rather than starting without its programs.
    @Test(
        arguments: [
            ("BELOW/kubepods/absent", [:], 101, "the pod's cgroup"),
            ("BELOW/../../a", [:], 101, "the pod's cgroup"),
            (
                "BELOW/kubepods/pod\(uid)",
                ["kuma.io/transparent-proxying-ebpf-cgroup-path": "/proc"], 101,
                "it isn't a folder of cgroup v2"
            ),
            (
                "BELOW/kubepods/pod\(uid)",
                ["kuma.io/transparent-proxying-ebpf-bpf-fs-path": "/mnt"], 101,
                "mount -t bpf bpf /mnt"
            ),
            (
                "BELOW/kubepods/pod\(uid)", ["traffic.kuma.io/iptables-logs": "true"], 101,
                "log.enabled"
            ),
            (
                "BELOW/kubepods/pod\(uid)",
                ["kuma.io/transparent-proxying-ebpf-programs-source-path": "/mnt"], 7,
                "as root of the node"
            ),
        ] as [(String, [String: String], Int, String)])
    func aPodThatCannotHaveThemFails(
        cgroup: String, annotations: [String: String], code: Int, words: String
    ) async throws {
        let output = try await Self.run(
            cgroup: cgroup, annotations: annotations, "add; programs; left")
        #expect(output.contains("\"code\" : \(code),"), "\(output)")
        #expect(output.contains("pod shop/web") && output.contains(words), "\(output)")
        #expect(output.hasSuffix("}\n0\n0\n"), "\(output)")
    }

    /// An init container is in the pod's cgroup, and attaches there although it sees those of the node.
    @Test func anInitContainerAttachesToItsPod() async throws {
        let output = try await Self.run(
            """
            mkdir "$pods/container"
            sh -c 'echo $$ >"$0"/cgroup.procs; exec "$@"' "$pods/container" nsenter --net=/run/netns/peer \\
                \(Command.tproxy) apply --backend ebpf --kuma-dp-user 5678 --no-preflight \\
                --ebpf-bpffs-path /mnt/bpf >/dev/null 2>&1
            programs
            bpftool cgroup show "$pods/container" | grep -c tproxy_ || true
            nsenter --net=/run/netns/peer \(Command.tproxy) remove >/dev/null 2>&1
            rmdir "$pods/container"
            left
            """)
        #expect(output == "10\n0\n0\n", "\(output)")
    }
}
