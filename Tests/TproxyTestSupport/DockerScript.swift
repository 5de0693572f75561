/// Shell commands for a host with a real dockerd, and the program of its name servers.
enum DockerScript {
    static let socket = "unix:///run/docker.sock"
    /// The address of the external name server, which the host's resolv.conf names.
    static let server = "192.0.2.53"

    /// Hides the folders of the machine that dockerd and containerd write: /run, and a layer over
    /// /etc, /opt, and /var.
    ///
    /// Must run in new mount, network and process namespaces.
    static let setUp = """
        mount -t tmpfs -o mode=755 tmpfs /run
        for folder in etc opt var; do
            mkdir -p /run/layers/$folder/upper /run/layers/$folder/work
            mount -t overlay overlay /$folder -o lowerdir=/$folder \
                -o upperdir=/run/layers/$folder/upper,workdir=/run/layers/$folder/work
        done
        mkdir -m 1777 /run/log
        rm -f /etc/resolv.conf
        echo nameserver \(server) > /etc/resolv.conf
        cat > /run/names.py <<'E'
        \(names)
        E
        ip link set lo up
        """

    /// The route to a network with the name server, dockerd itself, an image, a network, and a
    /// container with the names one, two and three.
    ///
    /// dockerd calls the iptables of `flavour`; its control groups are in `cgroup` below
    /// /sys/fs/cgroup.
    static func start(flavour: String, cgroup: String) -> String {
        """
        set -e
        unshare --net sleep 600 > /dev/null 2>&1 < /dev/null & world=$!
        until [ "$(readlink /proc/$world/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
            [ -e /proc/$world ]; sleep 0.02
        done
        ip link add eth0 type veth peer name eth1
        ip link set eth1 netns $world
        ip addr add 192.0.2.1/24 dev eth0
        ip link set eth0 up
        nsenter --net --target $world sh -ec '
            ip link set lo up; ip addr add \(server)/24 dev eth1; ip link set eth1 up'
        ip route add default via \(server)
        sysctl -q -w net.ipv4.ip_forward=1
        nsenter --net --target $world \(daemon("names.py server"))
        until nsenter --net --target $world grep -q ':0035 ' /proc/thread-self/net/udp; do
            sleep 0.02
        done

        mkdir /run/programs
        for name in iptables ip6tables; do
            for part in '' -save -restore; do
                ln -s "$(command -v $name-\(flavour)$part)" /run/programs/$name$part
            done
        done
        PATH=/run/programs:$PATH setsid dockerd --host \(socket) \\
            --data-root /run/docker/data --exec-root /run/docker/exec --pidfile /run/docker.pid \\
            --storage-driver vfs --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent \(cgroup) \\
            --default-ulimit nofile="$(ulimit -Hn):$(ulimit -Hn)" --userland-proxy=false \\
            < /dev/null > /run/log/dockerd 2>&1 &
        until docker --host \(socket) info > /dev/null 2>&1; do
            [ -e /proc/$! ] || { cat /run/log/dockerd >&2; exit 1; }
            sleep 0.05
        done

        mkdir -p /run/image/bin
        cp "$(command -v busybox)" /run/image/bin/busybox
        tar -C /run/image -c . | docker --host \(socket) import - busybox:test > /dev/null
        docker --host \(socket) network create mesh > /dev/null
        docker --host \(socket) run --detach --name peer --network mesh --network-alias one \\
            --network-alias two --network-alias three busybox:test /bin/busybox sleep 600 > /dev/null
        docker --host \(socket) inspect --format \\
            '{{ .NetworkSettings.Networks.mesh.IPAddress }}' peer
        """
    }

    /// A container with a proxy of UID 5678 in its network namespace; prints both process numbers.
    static func run(_ name: String) -> String {
        """
        set -e
        docker --host \(socket) run --detach --name \(name) --network mesh busybox:test \\
            /bin/busybox sleep 600 > /dev/null
        container=$(docker --host \(socket) inspect --format '{{ .State.Pid }}' \(name))
        nsenter --net --target $container setpriv --reuid 5678 --clear-groups \\
            \(daemon("names.py proxy \(name)")) proxy=$!
        # UDP 15053; the ports for TCP are opened before it.
        until nsenter --net --target $container grep -q ':3ACD ' /proc/thread-self/net/udp; do
            [ -e /proc/$proxy ]; sleep 0.02
        done
        echo $container $proxy
        """
    }

    /// A container with published ports; prints its process and its address.
    static func publish(_ ports: [String]) -> String {
        """
        set -e
        docker --host \(socket) run --detach --name published \
            \(ports.map { "--publish \($0)" }.joined(separator: " ")) busybox:test \
            /bin/busybox sleep 600 > /dev/null
        docker --host \(socket) inspect --format \
            '{{ .State.Pid }} {{ .NetworkSettings.IPAddress }}' published
        """
    }

    static func end(_ name: String, proxy: String) -> String {
        "kill -KILL \(proxy); docker --host \(socket) rm --force \(name) > /dev/null"
    }

    /// Removes the control groups after their last process has ended; runs on the machine itself.
    static func removeGroups(_ cgroup: String) -> String {
        """
        for try in $(seq 200); do
            groups=$(find /sys/fs/cgroup -depth -path '*\(cgroup)*' -type d)
            [ -n "$groups" ] || exit 0
            rmdir $groups 2> /dev/null || sleep 0.05
        done
        echo "still there: $groups" >&2
        exit 1
        """
    }

    private static func daemon(_ command: String) -> String {
        "setsid /usr/bin/python3 /run/\(command) < /dev/null > /dev/null 2>&1 &"
    }

    /// `server`, `proxy LOG`: answer queries for addresses, and log the name of each query.
    ///
    /// The server answers all with 192.0.2.80. The proxy answers `*.mesh` with 240.0.0.7 and forwards the
    /// rest to 127.0.0.11, as kuma-dp does. `ask NAME…` sends a query for each name to 127.0.0.11, waits for
    /// the answers, and prints them; `ask-tcp NAME…` does so over TCP.
    private static let names = #"""
        import itertools, os, selectors, socket, sys

        def udp(port):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            if port:
                one.bind(("0.0.0.0", port))
            return one

        def question(text):
            labels, at = [], 12
            while text[at]:
                labels.append(text[at + 1:at + 1 + text[at]].decode())
                at += 1 + text[at]
            return ".".join(labels), at + 5

        def answer(text, end, address):
            return (text[:2] + b"\x81\x80" + text[4:6] + b"\0\1\0\0\0\0" + text[12:end]
                + b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(address))

        # Successive numbers: of two equal ones, an answer would be taken for both.
        numbers = itertools.count(int.from_bytes(os.urandom(2), "big"))

        def query(name):
            labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
            return (next(numbers) % 65536).to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"

        def address(reply):
            return socket.inet_ntoa(reply[-4:]) if reply[7] else "nothing"

        def ask(names):
            waiting = {}
            one = udp(0)
            for name in names:
                text = query(name)
                waiting[text[:2]] = name
                one.sendto(text, ("127.0.0.11", 53))
            one.settimeout(20)
            try:
                while waiting:
                    reply = one.recv(4096)
                    name = waiting.pop(reply[:2], None)
                    if name:
                        print(name, address(reply))
            except OSError as error:
                for name in waiting.values():
                    print(name, type(error).__name__)

        def ask_tcp(names):
            for name in names:
                try:
                    with socket.create_connection(("127.0.0.11", 53), 20) as one:
                        text = query(name)
                        one.sendall(len(text).to_bytes(2, "big") + text)
                        stream = one.makefile("rb")
                        print(name, address(stream.read(int.from_bytes(stream.read(2), "big"))))
                except OSError as error:
                    print(name, type(error).__name__)

        def serve(role, log):
            kept = [socket.create_server(("", port)) for port in (15001, 15006)] \
                if role == "proxy" else []
            ready = selectors.DefaultSelector()
            main = udp(15053 if role == "proxy" else 53)
            ready.register(main, selectors.EVENT_READ)
            asked = {}
            while True:
                for key, _ in ready.select():
                    if key.fileobj is not main:
                        client = asked.pop(key.fileobj)
                        ready.unregister(key.fileobj)
                        try:
                            main.sendto(key.fileobj.recv(4096), client)
                        except OSError:
                            pass
                        key.fileobj.close()
                        continue
                    text, client = main.recvfrom(4096)
                    name, end = question(text)
                    print(name, file=log, flush=True)
                    if role == "server":
                        main.sendto(answer(text, end, "192.0.2.80"), client)
                    elif name.endswith(".mesh"):
                        main.sendto(answer(text, end, "240.0.0.7"), client)
                    elif len(asked) < 100:
                        upstream = udp(0)
                        upstream.connect(("127.0.0.11", 53))
                        upstream.send(text)
                        asked[upstream] = client
                        ready.register(upstream, selectors.EVENT_READ)

        if sys.argv[1] == "ask":
            ask(sys.argv[2:])
        elif sys.argv[1] == "ask-tcp":
            ask_tcp(sys.argv[2:])
        else:
            serve(sys.argv[1], open("/run/log/" + sys.argv[-1], "a"))
        """#
}
