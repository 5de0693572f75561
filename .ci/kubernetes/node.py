"""A node without a kubelet: containerd, a bridge network, and images, in namespaces of this process."""
import glob
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "image"))
import cri
import oci

FOLDER = "/run/pods"
SOCKET = f"{FOLDER}/containerd.sock"
TOOLS = "localhost/tools:1"
# The node's addresses on the bridge, and the name servers that no host has: only the proxy answers there.
WORLD = ("10.90.0.1", "fd00:90::1")
SERVERS = ("192.0.2.53", "2001:db8::53")
IMAGE = "localhost/tproxy"

# What programs of another root find there.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

CONFIGURATION = """
version = {version}
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = [{disabled}]
[grpc]
  address = "{socket}"
"""
CRI_1 = """
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{tools}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{folder}/cni"
    conf_dir = "{folder}/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
"""
CRI_2 = """
[plugins."io.containerd.cri.v1.runtime"]
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["{folder}/cni"]
    conf_dir = "{folder}/net.d"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "native"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "{tools}"
"""


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def run(*words, **options):
    outcome = subprocess.run(words, capture_output=True, text=True, **options)
    if outcome.returncode != 0:
        raise cri.Failed(f"{' '.join(words)}: {outcome.stdout}{outcome.stderr}")
    return outcome.stdout


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every request with `world`."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"world")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    request_queue_size = 128


class Node:
    """The node; `root` is the root of another distribution whose containerd runs, and `drop_in` puts the plugin's entry
    into a file of its own."""

    def __init__(self, archive, envoy, cgroup, root="/", drop_in=False):
        self.cgroup, self.root, self.drop_in = cgroup, root, drop_in
        with open("/proc/net/dev", encoding="ascii") as devices:
            if len(devices.readlines()) != 3:
                sys.exit("pods: this is no new network namespace")
        self.into = [] if root == "/" else ["chroot", root]
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        os.makedirs("/run/netns")
        run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
        run("mount", "--make-shared", "/run/netns")
        os.makedirs(f"{FOLDER}/cni")
        run("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")
        run("mount", "--make-shared", "/sys/fs/bpf")
        if root == "/":
            # What the runtimes keep elsewhere ends with the mounts.
            for name in ("opt", "var/lib"):
                os.makedirs(f"/run/layers/{name}/upper")
                os.makedirs(f"/run/layers/{name}/work")
                run("mount", "-t", "overlay", "overlay", f"/{name}", "-o",
                    f"lowerdir=/{name},upperdir=/run/layers/{name}/upper,workdir=/run/layers/{name}/work")
        else:
            # runc needs a root that is a mount of its own.
            run("mount", "--bind", root, root)
            run("mount", "-t", "proc", "proc", f"{root}/proc")
            for name in ("sys", "dev", "run"):
                run("mount", "--rbind", f"/{name}", f"{root}/{name}")
        run("ip", "link", "set", "lo", "up")
        # The addresses of the bridge are usable at once.
        write("/proc/sys/net/ipv6/conf/default/accept_dad", "0")
        self.world = Server(("::", 8080), Page)
        threading.Thread(target=self.world.serve_forever, daemon=True).start()
        self.install(archive, envoy)
        self.runtime = self.started()
        for image in (self.archive, f"{FOLDER}/tools.tar"):
            # 2.x imports through a service of its own, unless told otherwise.
            local = ["--local"] if self.version >= 2 else []
            run(*self.into, "ctr", "--address", SOCKET, "--namespace", "k8s.io", "image", "import",
                "--snapshotter", "native", *local, image)

    def install(self, archive, envoy):
        """Puts everything where containerd and the containers find it."""
        plugins = "/usr/lib/cni" if os.path.exists(f"{self.root}/usr/lib/cni/bridge") else "/opt/cni/bin"
        for path in glob.glob(f"{self.root}{plugins}/*"):
            shutil.copy(path, f"{FOLDER}/cni/")
        shutil.copy(archive, f"{FOLDER}/tproxy.tar")
        self.archive = f"{FOLDER}/tproxy.tar"
        layout = f"{FOLDER}/layout"
        os.makedirs(layout)
        run("tar", "--extract", "--file", archive, "--directory", layout)
        manifest = json.loads(read(f"{layout}/index.json"))["manifests"][0]
        self.image = manifest["annotations"]["io.containerd.image.name"]
        blob = json.loads(read(f"{layout}/blobs/{manifest['digest'].replace(':', '/')}"))["layers"][0]["digest"]
        self.unpacked = f"{FOLDER}/unpacked"
        os.makedirs(self.unpacked)
        blob = f"{layout}/blobs/{blob.replace(':', '/')}"
        run("tar", "--extract", "--gzip", "--file", blob, "--directory", self.unpacked)
        shutil.copy(f"{self.unpacked}/usr/bin/tproxy-cni", f"{FOLDER}/cni/tproxy-cni")
        shutil.copy(envoy, f"{FOLDER}/envoy")
        write(f"{FOLDER}/envoy.json", json.dumps(envoy_configuration()))
        write(f"{FOLDER}/www/index.html", "app")
        tools = {"bin/busybox": (read("/bin/busybox"), None, 0o755), "lib": (None, "usr/lib", 0o777),
                 "lib64": (None, "usr/lib64", 0o777)}
        for word in run("ldd", envoy).split():
            if word.startswith("/"):
                tools["usr/" + word.removeprefix("/usr").lstrip("/")] = (read(word), None, 0o755)
        blob = oci.layer(tools)
        configuration = {"Entrypoint": ["/bin/busybox", "sleep", "86400"]}
        oci.write(f"{FOLDER}/tools.tar", blob, *TOOLS.split(":"), configuration, {})
        self.configure_network()

    def configure_network(self):
        bridge = {
            "type": "bridge", "bridge": "cni0", "isGateway": True, "ipam": {
                "type": "host-local", "dataDir": f"{FOLDER}/addresses",
                "ranges": [[{"subnet": "10.90.0.0/16"}], [{"subnet": "fd00:90::/64"}]],
                "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}
        capabilities = {"cgroupPath": True, "io.kubernetes.cri.pod-annotations": True}
        plugin = {"type": "tproxy-cni", "capabilities": capabilities}
        network = {"cniVersion": "1.1.0" if self.drop_in else "1.0.0", "name": "net", "plugins": [bridge]}
        if self.drop_in:
            write(f"{FOLDER}/net.d/net/50-tproxy.conf", json.dumps(plugin))
        else:
            network["plugins"].append(plugin)
        write(f"{FOLDER}/net.d/10-net.conflist", json.dumps(network))

    def started(self):
        words = run(*self.into, "containerd", "--version").split()
        number = next(word for word in words[2:] if word[:1].isdigit())
        self.version = int(number.split(".")[0])
        disabled = ["btrfs", "zfs", "devmapper", "aufs"]
        names = ", ".join(f'"io.containerd.snapshotter.v1.{name}"' for name in disabled)
        text = CONFIGURATION + (CRI_1 if self.version == 1 else CRI_2)
        write(f"{FOLDER}/config.toml", text.format(
            version=2 if self.version == 1 else 3, folder=FOLDER, socket=SOCKET, tools=TOOLS, disabled=names))
        self.log = open(f"{FOLDER}/containerd.log", "w", encoding="utf-8")
        self.daemon = subprocess.Popen(
            [*self.into, "containerd", "--config", f"{FOLDER}/config.toml"], stdout=self.log, stderr=self.log,
            stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        runtime = cri.Runtime(SOCKET)
        for _ in range(600):
            try:
                if runtime.conditions()["RuntimeReady"][0]:
                    return runtime
            except cri.Failed:
                pass
            if self.daemon.poll() is not None:
                break
            time.sleep(0.05)
        raise cri.Failed("containerd doesn't start: " + read(f"{FOLDER}/containerd.log").decode()[-3000:])

    def configure(self, path, entry):
        """Replaces a drop-in file. containerd watches the folder of the networks alone: it has to change as well."""
        write(path, json.dumps(entry))
        write(f"{FOLDER}/net.d/10-net.conflist", read(f"{FOLDER}/net.d/10-net.conflist").decode())

    def stop(self):
        """Ends containerd."""
        self.daemon.terminate()
        self.daemon.wait()
        self.log.close()

    def pod(self, name, annotations=None, **options):
        return cri.Pod(self.runtime, name, annotations, FOLDER, cgroup=self.cgroup, **options)


def envoy_configuration():
    """Listeners as kuma-dp configures them: each connection goes to its original destination, an incoming one from an
    address that is not redirected again; app.mesh has an address of each family."""
    def named(name, kind, **more):
        return {"name": name, "typed_config": {"@type": f"type.googleapis.com/envoy.{kind}"} | more}

    def address(host, port, protocol="TCP"):
        return {"socket_address": {"address": host, "port_value": port, "protocol": protocol}}

    listeners, clusters = [], []
    for number, host, source in (("4", "0.0.0.0", "127.0.0.6"), ("6", "::", "::6")):
        for direction, port in (("out", 15001), ("in", 15006)):
            name = direction + number
            proxy = named("tcp", "extensions.filters.network.tcp_proxy.v3.TcpProxy", stat_prefix=name, cluster=name)
            original = named(
                "envoy.filters.listener.original_dst", "extensions.filters.listener.original_dst.v3.OriginalDst")
            listeners.append({
                "name": name, "address": address(host, port), "listener_filters": [original],
                "filter_chains": [{"filters": [proxy]}]})
            cluster = {"name": name, "type": "ORIGINAL_DST", "lb_policy": "CLUSTER_PROVIDED", "connect_timeout": "5s"}
            if direction == "in":
                cluster["upstream_bind_config"] = {"source_address": {"address": source, "port_value": 0}}
            clusters.append(cluster)
        domain = {"name": "app.mesh", "endpoint": {"address_list": {"address": ["240.0.0.7", "fd00:fd00::7"]}}}
        answers = named(
            "envoy.filters.udp.dns_filter", "extensions.filters.udp.dns_filter.v3.DnsFilterConfig",
            stat_prefix="dns" + number, server_config={"inline_dns_table": {"virtual_domains": [domain]}})
        listeners.append({
            "name": "dns" + number, "address": address(host, 15053, "UDP"), "listener_filters": [answers]})
    return {
        "admin": {"address": address("127.0.0.1", 9901)},
        "static_resources": {"listeners": listeners, "clusters": clusters}}
