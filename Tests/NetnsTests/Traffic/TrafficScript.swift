import TproxyTestSupport

/// A host with a proxy and an application, another host, and traffic between them, as a bash
/// script.
///
/// It runs in a process namespace, so its end ends all processes that it started.
struct TrafficScript {
    /// `plan0.yaml` and so on, and `facts.json`, are in the working folder of the script.
    var plans: Int
    /// Each apply uses the next of them.
    var backends: [BackendUnderTest]
    /// Shell commands before each apply.
    var interruption: String

    private static let generator = Scenario.root
        .appendingPathComponent(".build/debug/LoadGenerator").path

    /// Replaces the rules as often and for as long as `amount` says, and then prints a report of
    /// each kind.
    func text(_ amount: TrafficAmount) -> String {
        """
        set -eu
        \(Self.network)
        \(Self.listeners)
        backends=(\(backends.map { "'\($0.words)'" }.joined(separator: " ")))
        apply() {
            \(Command.tproxy) apply --facts facts.json --config plan$(($1 % \(plans))).yaml \\
                ${backends[$1 % \(backends.count)]} --replace-backend
        }
        apply 0 >/dev/null 2>&1
        running=
        \(TrafficKind.allCases.map(Self.start).joined(separator: "\n"))
        sleep 0.5
        number=0 failed=0 begin=$(date +%s%N)
        while [ $number -lt \(amount.applies) ] ||
            [ $(date +%s%N) -lt $((begin + \(amount.seconds)000000000)) ]
        do
            number=$((number + 1))
            \(interruption)
            said=$(apply $number 2>errors) || { failed=$((failed + 1)); cat errors >&2; }
            case $said in
                unchanged*) failed=$((failed + 1)); echo "apply $number: $said" >&2 ;;
            esac
        done
        milliseconds=$((($(date +%s%N) - begin) / 1000000))
        sleep 0.5
        kill $running
        for one in $running; do wait $one; done
        resent() { $1 nstat -asz TcpExtTCPSynRetrans | awk '/Retrans/ { print $2 }'; }
        echo "applies $number"
        echo "failed $failed"
        echo "milliseconds $milliseconds"
        echo "resentSYN $(($(resent "") + $(resent "$other")))"
        for kind in \(TrafficKind.allCases.map(\.rawValue).joined(separator: " ")); do
            echo "$kind $(cat $kind.json)"
        done
        """
    }

    /// Both hosts have several addresses, so that there are enough ports.
    private static let network = """
        unshare --net sleep infinity & holder=$!
        while [ "$(readlink /proc/$holder/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
        other="nsenter --net=/proc/$holder/ns/net"
        $other ip link set lo up
        # A listener that gets no processor time for seconds must not lose a SYN.
        echo 65535 >/proc/sys/net/core/somaxconn
        $other sh -c 'echo 65535 >/proc/sys/net/core/somaxconn'
        ip link add eth0 type veth peer name eth0 netns $holder
        for number in $(seq 2 9); do
            ip addr add 10.77.0.$number/24 dev eth0
            ip addr add fd77::$number/64 dev eth0 nodad
        done
        for number in 1 $(seq 17 24); do
            $other ip addr add 10.77.0.$number/24 dev eth0
            $other ip addr add fd77::$number/64 dev eth0 nodad
        done
        for number in $(seq 1 8); do
            $other ip addr add 10.88.0.$number/32 dev lo
            $other ip addr add fd88::$number/128 dev lo nodad
        done
        ip link set eth0 up; $other ip link set eth0 up
        # Until an interface has its link-local address (RFC 4862), packets are lost.
        while [ -n "$(ip -6 addr show tentative; $other ip -6 addr show tentative)" ]; do sleep 0.05; done
        ip route add default via 10.77.0.1
        ip -6 route add default via fd77::1
        """

    /// The proxy listens on the ports of the plans, the destinations on those of the traffic.
    private static let listeners: String = {
        let proxy = ["15001", "15006"].flatMap { ["--tcp 0.0.0.0:\($0)", "--tcp [::]:\($0)"] }
        // A DNS proxy answers from where it was redirected to.
        let dns = ["15053", "15054"].flatMap { ["--udp 127.0.0.1:\($0)", "--udp [::1]:\($0)"] }
        let servers = (1...8).flatMap { ["--udp 10.88.0.\($0):53", "--udp [fd88::\($0)]:53"] }
        return """
            mkfifo ready; exec 7<>ready
            setpriv --reuid 5678 --clear-groups --inh-caps +net_admin --ambient-caps +net_admin \\
                \(generator) serve proxy \((proxy + dns).joined(separator: " ")) >&7 &
            \(generator) serve destination --tcp 0.0.0.0:8080 --tcp [::]:8080 >&7 &
            $other \(generator) serve destination --tcp 0.0.0.0:80 --tcp [::]:80 \\
                \(servers.joined(separator: " ")) >&7 &
            for listener in 1 2 3; do read -r -t 60 -u 7 line; done
            """
    }()

    private static func start(_ kind: TrafficKind) -> String {
        let place = kind.isFromOtherHost ? "$other " : ""
        return "\(place)\(generator) \(kind.words.joined(separator: " ")) --seconds 3600"
            + " --timeout-milliseconds 10000 >\(kind.rawValue).json & running=\"$running $!\""
    }
}
