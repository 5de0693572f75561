/// A program in Python whose servers and clients keep connections open while rules change.
///
/// `serve FILE PORT=NAME…` answers each connection with its name and the original destination, and
/// then echoes. `load USER FILE HOST…` connects until the file exists, and prints the number of each
/// answer. `hold READY MORE END HOST…` opens a connection to each host, uses it again when `MORE` and
/// when `END` exist, and prints what it received. `links CGROUP` prints the links of a cgroup and of
/// this network namespace.
enum LoadProbe {
    static let program = #"""
        import json, os, socket, struct, subprocess, sys, threading, time

        def family(address):
            return socket.AF_INET6 if ":" in address else socket.AF_INET

        def original(connection):
            for level, size in ((socket.IPPROTO_IP, 16), (socket.IPPROTO_IPV6, 28)):
                try:
                    answer = connection.getsockopt(level, 80, size)
                except OSError:
                    continue
                kind, start = (socket.AF_INET, 4) if size == 16 else (socket.AF_INET6, 8)
                end = 8 if size == 16 else 24
                return socket.inet_ntop(kind, answer[start:end])
            return "none"

        def echo(connection, name):
            try:
                # Conntrack may answer an application, which asks for nothing.
                place = original(connection) if name in ("inbound", "outbound") else "itself"
                connection.sendall(("%s %s\n" % (name, place)).encode())
                while True:
                    received = connection.recv(512)
                    if not received:
                        break
                    connection.sendall(received)
            except OSError:
                pass
            connection.close()

        def accept(listener, name):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=echo, args=(connection, name), daemon=True).start()

        def serve(ready, *ports):
            for address in ("0.0.0.0", "::"):
                for port, name in (one.split("=") for one in ports):
                    listener = socket.socket(family(address))
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    if ":" in address:
                        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    listener.bind((address, int(port)))
                    listener.listen(1024)
                    threading.Thread(target=accept, args=(listener, name), daemon=True).start()
            open(ready, "w").close()
            time.sleep(600)

        def connect(host):
            one = socket.create_connection((host, 8080), timeout=10)
            # Closing resets, so that no port stays in TIME_WAIT.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return one, one.makefile("r")

        def load(user, until, *hosts):
            os.setuid(int(user))
            counts = {}
            while not os.path.exists(until):
                for host in hosts:
                    try:
                        one, lines = connect(host)
                        answer = lines.readline().strip() or "nothing"
                        one.close()
                        lines.close()
                    except OSError as error:
                        answer = "error %s" % error
                    counts[host, answer] = counts.get((host, answer), 0) + 1
                time.sleep(0.002)
            for (host, answer), count in sorted(counts.items()):
                print("%s %s %d" % (host, answer, count), flush=True)

        def wait(file):
            while not os.path.exists(file):
                time.sleep(0.02)

        def hold(ready, more, end, *hosts):
            if os.environ.get("UID_OF_CLIENT"):
                os.setuid(int(os.environ["UID_OF_CLIENT"]))
            connections = [connect(host) for host in hosts]
            answers = [[lines.readline().strip()] for one, lines in connections]
            open(ready, "w").close()
            for file in (more, end):
                wait(file)
                for (one, lines), texts in zip(connections, answers):
                    try:
                        one.sendall((file + "\n").encode())
                        texts.append(lines.readline().strip())
                    except OSError as error:
                        texts.append("error %s" % error)
            for host, texts in zip(hosts, answers):
                print(host, *texts, flush=True)

        def links(cgroup):
            places = (os.stat(cgroup).st_ino, os.stat("/proc/self/ns/net").st_ino)
            found = json.loads(subprocess.check_output(["bpftool", "-j", "link"]))
            for one in found:
                if one.get("cgroup_id") in places or one.get("netns_ino") in places:
                    print(one["id"], one["type"], one.get("attach_type"))

        if __name__ == "__main__":
            {"serve": serve, "load": load, "hold": hold, "links": links}[sys.argv[1]](*sys.argv[2:])
        """#
}
