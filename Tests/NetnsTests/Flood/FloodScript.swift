import TproxyTestSupport

/// A flood of SYN segments while two plans are applied in turn, as a bash script.
///
/// `plan0.yaml`, `plan1.yaml` and `facts.json` are in its working folder. It runs in a process
/// namespace, so its end ends all processes that it started.
struct FloodScript {
    var kind: FloodKind
    var backend: BackendUnderTest
    var amount: FloodAmount

    private static let generator = Scenario.root
        .appendingPathComponent(".build/debug/LoadGenerator").path

    var text: String {
        """
        set -eu
        \(Self.network)
        nft -f - <<'RULES'
        \(Self.counting)
        RULES
        # Segments are sent while rules are replaced even on a busy machine.
        soon=; if chrt --rr 1 true 2>/dev/null; then soon="chrt --rr 1"; fi
        apply() {
            $soon \(amount.program) apply --no-preflight --facts facts.json --config plan$1.yaml \\
                \(backend.words)
        }
        # Changes another table.
        foreign() { nft 'add rule inet foreign rules counter; flush chain inet foreign rules'; }
        change() { \(change); }
        # One flood after the other, to the end of the script.
        flood() {
            while \(kind.isInbound ? "$other " : "")$soon \(Self.generator) flood --seconds 3600 \\
                --count \(amount.segments) \(words.joined(separator: " ")) >>sent; do :; done
            echo failed >>sent
        }
        apply 0 >/dev/null 2>&1
        nft 'add table inet foreign; add chain inet foreign rules'
        flood &
        number=0 failed=0
        while [ $number -lt \(amount.applies) ] || [ ! -s sent ]; do
            number=$((number + 1))
            said=$(change 2>errors) || { failed=$((failed + 1)); cat errors >&2; }
            case $said in
                installed*|replaced*|removed*) ;;
                *) failed=$((failed + 1)); echo "change $number: $said" >&2 ;;
            esac
        done
        if grep failed sent >&2; then failed=$((failed + 1)); fi
        echo "changes $number"
        echo "failed $failed"
        echo "seen $(nft -j list set inet flood seen)"
        """
    }

    /// The options of `LoadGenerator flood`; targets are numbered in this order.
    private var words: [String] {
        kind.probes.flatMap(\.targets).flatMap { ["--target", "'\($0)'"] }
            + kind.sources.flatMap { ["--source", $0] }
    }

    /// Applies the other plan.
    private var change: String {
        switch kind.company {
        case .none: "apply $((number % 2))"
        case .removal:
            "if [ $((number % 2)) = 0 ]; then apply 0; else $soon \(amount.program) remove; fi"
        case .foreignChanges:
            "foreign; (sleep 0.0$((RANDOM % 10)); foreign) & apply $((number % 2))"
        }
    }

    /// Counts each segment by its sequence number and its port after the redirect, and drops it
    /// before conntrack confirms its connection.
    private static let counting =
        ["output", "input"].reduce(
            """
            table inet flood {
                set seen { typeof tcp sequence . tcp dport; size 65535; flags dynamic; }

            """
        ) { text, hook in
            text + """
                    chain \(hook) {
                        type filter hook \(hook) priority 10; policy accept;
                        tcp flags & (fin|syn|rst|ack) == syn tcp sequence 1-1000 \
                update @seen { tcp sequence . tcp dport counter } drop
                    }

                """
        } + "}"

    private static let network = """
        unshare --net sleep infinity & holder=$!
        while [ "$(readlink /proc/$holder/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
        other="nsenter --net=/proc/$holder/ns/net"
        # Addresses are usable at once, without duplicate address detection.
        echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
        $other sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad; ip link set lo up'
        ip link add eth0 type veth peer name eth0 netns $holder
        ip addr add 10.78.0.2/24 dev eth0; ip addr add fd78::2/64 dev eth0
        $other ip addr add 10.78.0.1/24 dev eth0; $other ip addr add fd78::1/64 dev eth0
        ip link set eth0 up; $other ip link set eth0 up
        ip route add default via 10.78.0.1; ip -6 route add default via fd78::1
        """
}
