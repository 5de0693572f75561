/// A program in Python that is a web server, or the clients of one, beside a real Envoy.
///
/// It imports `EBPFProbe`, which is `probe.py` beside it. `serve NAME FILE` answers on port 8080 of
/// both families with its name and the client's address.
/// `check` prints, for each probe `UID[@NAMESPACE] URL-HOST`, the answer and the listeners of Envoy
/// that it passed; then the answers to queries for app.mesh, an address that Envoy alone knows.
enum EnvoyProbe {
    static let program = #"""
        import http.client, http.server, os, re, socket, struct, sys, threading, time
        from probe import apart, enter, family

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                text = ("%s from %s" % (sys.argv[2], self.client_address[0])).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        def serve():
            for address in ("0.0.0.0", "::"):
                class Server(http.server.ThreadingHTTPServer):
                    address_family = family(address)
                    def server_bind(self):
                        if self.address_family == socket.AF_INET6:
                            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                        self.socket.bind(self.server_address)
                server = Server((address, 8080), Handler)
                threading.Thread(target=server.serve_forever, daemon=True).start()
            open(sys.argv[3], "w").close()
            time.sleep(600)

        def get(host, port, path="/"):
            connection = http.client.HTTPConnection(host, port, timeout=10)
            connection.request("GET", path)
            return connection.getresponse().read().decode()

        def answer(user, namespace, ask):
            # What a process of the user receives in the namespace.
            def asking():
                if namespace:
                    enter(namespace)
                os.setuid(int(user))
                return ask()
            return apart(asking)

        def counters():
            try:
                text = get("127.0.0.1", 9901, "/stats")
            except OSError:
                return None
            if "listener_manager.total_listeners_active: 6" not in text:
                return None
            found = re.findall(r"^tcp\.((?:in|out)[46])\.downstream_cx_total: (\d+)$", text, re.M)
            return {name: int(count) for name, count in found}

        def start():
            for attempt in range(600):
                if counters() is not None:
                    return
                time.sleep(0.1)
            sys.exit("Envoy doesn't start")

        def query(server, kind, connected):
            name = b"".join(bytes([len(word)]) + word for word in (b"app", b"mesh")) + b"\0"
            question = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + name + struct.pack("!HH", kind, 1)
            one = socket.socket(family(server), socket.SOCK_DGRAM)
            one.settimeout(10)
            if connected:
                one.connect((server, 53))
                one.send(question)
            else:
                one.sendto(question, (server, 53))
            received, sender = one.recvfrom(512)
            address = received[-4:] if kind == 1 else received[-16:]
            found = socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, address)
            return "%s from %s:%d" % (found, sender[0], sender[1])

        def check():
            for probe in sys.argv[2:]:
                who, host = probe.split(" ")
                user, _, namespace = who.partition("@")
                before = counters()
                text = answer(user, namespace, lambda: get(host, 8080))
                after = counters()
                passed = ["%s %d" % (name, count - before.get(name, 0))
                          for name, count in sorted(after.items()) if count != before.get(name, 0)]
                print("%s: %s, through %s" % (probe, text, " ".join(passed) or "nothing"))
            for server in ("192.0.2.53", "2001:db8::53"):
                for kind in (1, 28):
                    for connected in (False, True):
                        print(answer(1000, "", lambda: query(server, kind, connected)))

        {"serve": serve, "check": check, "start": start}[sys.argv[1]]()
        """#
}
