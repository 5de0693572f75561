import TproxyTestSupport

/// A host with a BPF file system, a cgroup of its own and another host, as shell commands.
///
/// The programs are attached to the cgroup alone. It is deleted when the commands end.
enum EBPFScript {
    /// Another host at 10.8.0.2 and fd08::2, which this one reaches from 10.8.0.1 and fd08::1.
    static let setUp = """
        mount -t tmpfs tmpfs /mnt
        mount -t tmpfs tmpfs /run
        mkdir /mnt/bpf
        mount -t bpf bpf /mnt/bpf
        ip link set lo up
        ip netns add peer
        ip link add v0 type veth peer name v1 netns peer
        ip address add 10.8.0.1/24 dev v0
        ip address add fd08::1/64 dev v0 nodad
        ip link set v0 up
        ip -n peer address add 10.8.0.2/24 dev v1
        ip -n peer address add fd08::2/64 dev v1 nodad
        ip -n peer link set v1 up
        ip -n peer link set lo up
        """

    /// Runs `commands` in such a host; returns what they print.
    static func run(
        _ commands: String, in sandbox: Sandbox, environment: [String: String] = [:]
    ) async throws -> Command.Outcome {
        try await sandbox.run(
            "sh", ["-c", "\(functions)\n\(commands)"],
            environment: environment.merging(["PROBE": EBPFProbe.program]) { given, _ in given })
    }

    /// `apply` loads the rules, `remove` removes them, `inside` runs a program in the cgroup, `in_cgroup` the probe, `serve` has it listen, and
    /// `left` prints what is attached and pinned.
    private static let functions = """
        set -eu
        cd /mnt
        root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
        cgroup=$root/tproxy-test-$(cut -d' ' -f22 /proc/self/stat)-$$
        mkdir "$cgroup"
        trap leave EXIT
        leave() {
            for process in $(cat "$cgroup/cgroup.procs"); do kill -9 "$process" || true; done
            for attempt in $(seq 100); do
                ! rmdir "$cgroup" 2>/dev/null || return 0
                sleep 0.1
            done
            rmdir "$cgroup"
        }
        printf '%s' "$PROBE" >probe.py
        apply() {
            \(Command.tproxy) apply --backend ebpf --kuma-dp-user ${owner:-5678} --no-preflight \\
                --ebpf-bpffs-path /mnt/bpf --ebpf-cgroup-path "$cgroup" "$@"
        }
        inside() { sh -c 'echo $$ >"$0"/cgroup.procs; exec "$@"' "$cgroup" "$@"; }
        in_cgroup() { inside /usr/bin/python3 probe.py "$@"; }
        serve() {
            in_cgroup serve ready &
            while [ ! -e ready ]; do sleep 0.1; done
        }
        left() {
            bpftool cgroup show "$cgroup" | tail -n +2
            find /mnt/bpf -mindepth 1 ! -name '*.debug'
            # The address of a killed process expires.
            ip address show dev lo | grep -F ::6/ | grep -v dynamic || true
        }
        """
}
