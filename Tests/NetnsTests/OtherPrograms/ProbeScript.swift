/// The namespaces around a host with other programs' rules, and programs that show where packets go.
///
/// The host is 198.51.100.1 and 10.200.0.1 on `probe0`. Another host, 198.51.100.2, routes through
/// it. A pod at 10.88.9.2 is behind `pod0`. Behind `far0` is a host with the addresses of Services, which
/// answers what no rule translates.
enum ProbeScript {
    /// Creates the namespaces; prints the processes that hold them: of the other host, the pod, and
    /// the host behind `far0`.
    static let setUp = """
        set -e
        hold() {
            unshare --net sleep 600 > /dev/null 2>&1 < /dev/null & held=$!
            until [ "$(readlink /proc/$held/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
                [ -e /proc/$held ]; sleep 0.02
            done
        }
        link() {
            ip link add $1 type veth peer name eth0 netns $held
            ip addr add $2 dev $1; ip -6 addr add $3 dev $1 nodad; ip link set $1 up
            nsenter --net=/proc/$held/ns/net sh -ec "
                ip link set lo up; ip addr add $4 dev eth0; ip -6 addr add $5 dev eth0 nodad
                ip link set eth0 up
                ip route add default via ${2%/*}; ip -6 route add default via ${3%/*}"
        }
        ip link set lo up
        sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        hold; peer=$held
        link probe0 198.51.100.1/24 2001:db8:1::1/64 198.51.100.2/24 2001:db8:1::2/64
        ip addr add 10.200.0.1/24 dev probe0
        hold; pod=$held
        link pod0 10.88.9.1/24 2001:db8:9::1/64 10.88.9.2/24 2001:db8:9::2/64
        hold; far=$held
        link far0 203.0.113.1/24 2001:db8:2::1/64 203.0.113.2/24 2001:db8:2::2/64
        nsenter --net=/proc/$far/ns/net sh -ec '
            for address in 10.96.0.1 10.96.0.9 10.96.105.138 10.96.189.36; do
                ip addr add $address/32 dev lo
            done'
        ip route add 10.96.0.0/16 via 203.0.113.2
        echo $peer $pod $far
        """

    /// A program that serves or sends packets.
    ///
    /// `serve PORT…` answers each connection, and each datagram, with the address and port where it
    /// arrived, and goes on in the background; prints its process number.
    /// `probe` reads a line for each packet, sends it, and prints the answer, or nothing.
    static let program = #"""
        import os, select, socket, sys

        def own_addresses():
            import subprocess
            text = subprocess.run(["ip", "-o", "addr", "show"], capture_output=True, text=True).stdout
            for line in text.splitlines():
                words = line.split()
                if words[2] in ("inet", "inet6") and not words[3].startswith("fe80"):
                    yield words[3].split("/")[0]

        def serve(ports):
            streams, datagrams = [], []
            for port in ports:
                for family, every in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                    one = socket.socket(family, socket.SOCK_STREAM)
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    if family == socket.AF_INET6:
                        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    one.bind((every, port))
                    one.listen(64)
                    streams.append(one)
                # An answer must come from the address of the question.
                for address in own_addresses():
                    one = socket.socket(
                        socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
                    one.bind((address, port))
                    datagrams.append(one)
            child = os.fork()
            if child:
                print(child)
                sys.stdout.flush()
                os._exit(0)
            for number in (0, 1, 2):
                os.close(number)
            while True:
                for one in select.select(streams + datagrams, [], [])[0]:
                    try:
                        if one in datagrams:
                            data, sender = one.recvfrom(64)
                            one.sendto(place(one), sender)
                        else:
                            accepted, _ = one.accept()
                            accepted.sendall(place(accepted))
                            accepted.close()
                    except OSError:
                        pass

        def place(one):
            address, port = one.getsockname()[:2]
            return f"{address} {port}".encode()

        def probe(transport, address, port, wait):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
            with socket.socket(family, kind) as one:
                one.settimeout(float(wait))
                try:
                    one.connect((address, int(port)))
                    if transport == "udp":
                        one.send(b"?")
                    return one.recv(64).decode()
                except OSError:
                    return "nowhere"

        if sys.argv[1] == "serve":
            serve([int(port) for port in sys.argv[2:]])
        else:
            from concurrent.futures import ThreadPoolExecutor
            lines = [line.split() for line in sys.stdin]
            with ThreadPoolExecutor(16) as pool:
                for answer in pool.map(lambda words: probe(*words), lines):
                    print(answer)
        """#
}
