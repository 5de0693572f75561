/// A program in Python that listens like a proxy and an application, and connects like others.
///
/// Each argument is a probe, `tcp:ADDRESS:PORT[,uid=…][,from=…][,namespace=…][,mapped]`, whose line
/// is printed with the answer: which listener accepted, the client's address as it sees it, the
/// original destination, and the peer that the client sees.
enum EBPFProbe {
    static let program = #"""
        import ctypes, os, socket, struct, sys, threading, time

        def original(connection):
            try:
                answer = connection.getsockopt(socket.IPPROTO_IP, 80, 16)
                return "%s:%d" % (socket.inet_ntoa(answer[4:8]), struct.unpack("!H", answer[2:4])[0])
            except OSError:
                pass
            try:
                answer = connection.getsockopt(socket.IPPROTO_IPV6, 80, 28)
                text = socket.inet_ntop(socket.AF_INET6, answer[8:24])
                return "%s:%d" % (text, struct.unpack("!H", answer[2:4])[0])
            except OSError:
                return "none"

        def family(address):
            return socket.AF_INET6 if ":" in address else socket.AF_INET

        def bound(address, kind, port):
            one = socket.socket(family(address), kind)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if one.family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, port))
            return one

        def accept(listener, name):
            while True:
                connection, client = listener.accept()
                text = "%s from %s original %s" % (name, client[0], original(connection))
                connection.sendall(text.encode())
                connection.close()

        def answer(listener):
            while True:
                query, client = listener.recvfrom(512)
                listener.sendto(b"dns", client)

        def serve(ports):
            for address in ("0.0.0.0", "::"):
                for port, name in ports.items():
                    listener = bound(address, socket.SOCK_STREAM, port)
                    listener.listen(1024)
                    threading.Thread(target=accept, args=(listener, name), daemon=True).start()
                datagrams = bound(address, socket.SOCK_DGRAM, 15053)
                threading.Thread(target=answer, args=(datagrams,), daemon=True).start()

        def enter(namespace):
            place = os.open("/run/netns/" + namespace, os.O_RDONLY)
            if ctypes.CDLL(None).setns(place, 0x40000000):
                raise OSError("can't enter the namespace")

        def connect(kind, address, port, options):
            values = dict(one.split("=") for one in options if "=" in one)
            if "namespace" in values:
                enter(values["namespace"])
            stream = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
            protocol = 262 if "mptcp" in options else 0
            one = socket.socket(family(address), stream, protocol)
            one.settimeout(3)
            if "from" in values:
                one.bind((values["from"], 0))
            os.setuid(int(values.get("uid", "1000")))
            if kind == "udp" and "connected" not in options:
                one.sendto(b"query", (address, port))
                text, peer = one.recvfrom(512)
            else:
                one.connect((address, port))
                if kind == "udp":
                    one.send(b"query")
                text = one.recv(512)
                peer = one.getpeername()
            return "%s peer %s:%d" % (text.decode(), peer[0], peer[1])

        def apart(ask):
            # Asks in a process of its own.
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    text = ask()
                except OSError as error:
                    text = os.strerror(error.errno) if error.errno else "no answer"
                os.write(writing, text.encode())
                os._exit(0)
            os.close(writing)
            text = os.read(reading, 1024).decode()
            os.close(reading)
            os.waitpid(child, 0)
            return text

        def probe(line):
            target, *options = line.split(",")
            kind, rest = target.split(":", 1)
            address, port = rest.rsplit(":", 1)
            text = apart(lambda: connect(kind, address, int(port), options))
            print("%s -> %s" % (line, text), flush=True)

        PORTS = {15001: "outbound", 15006: "inbound", 8080: "application", 2222: "application"}

        def load(until):
            # Connects until the file exists, and prints the number of each answer.
            counts = {}
            while not os.path.exists(until):
                try:
                    one = socket.create_connection(("10.8.0.1", 8080), timeout=5)
                    text = one.recv(512).decode().split(" original ")
                    one.close()
                    answer = text[0].split()[0] + " " + text[1] if len(text) == 2 else "nothing"
                except OSError as error:
                    answer = "error %s" % error
                counts[answer] = counts.get(answer, 0) + 1
            for answer, count in sorted(counts.items()):
                print(answer, count)

        if __name__ == "__main__":
            mode, *rest = sys.argv[1:]
            if mode == "serve":
                serve(PORTS)
                open(rest[0], "w").close()
                time.sleep(600)
            elif mode == "load":
                os.setuid(1000)
                load(rest[0])
            else:
                serve(PORTS)
                for line in rest:
                    probe(line)
        """#
}
