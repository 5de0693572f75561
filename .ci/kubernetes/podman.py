"""A Pod manifest through podman kube play, which needs no cluster."""
import json

from node import ENVIRONMENT, FOLDER, TOOLS, run, write

MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {{name: transparent-proxy}}
data:
  config.yaml: |
{config}
---
apiVersion: v1
kind: Pod
metadata:
  name: shop
  annotations: {{io.podman.annotations.init.container.type: always}}
spec:
  restartPolicy: Never
  initContainers:
    - name: kuma-init
      image: {image}
      command: [/usr/bin/kumactl, install, transparent-proxy]
      args: [--config=/tmp/transparent-proxy/base/config.yaml]
      env: [{{name: XTABLES_LOCKFILE, value: /tmp/xtables.lock}}]
      securityContext:
        runAsUser: 0
        runAsGroup: 0
        readOnlyRootFilesystem: true
        capabilities: {{drop: [ALL], add: [NET_ADMIN, NET_RAW]}}
      volumeMounts: [{{name: transparent-proxy-base, mountPath: /tmp/transparent-proxy/base}}]
  containers:
    - name: kuma-sidecar
      image: {tools}
      command: [/usr/bin/envoy, --config-path, /etc/envoy.json, --disable-hot-restart, --concurrency, "1"]
      securityContext: {{runAsUser: 5678, runAsGroup: 5678, capabilities: {{drop: [ALL]}}}}
      volumeMounts:
        - {{name: envoy, mountPath: /usr/bin/envoy}}
        - {{name: envoy-config, mountPath: /etc/envoy.json}}
    - name: app
      image: {tools}
      command: [/bin/busybox, httpd, -f, -p, "[::]:8080", -h, /www]
      securityContext: {{runAsUser: 1000, runAsGroup: 1000, capabilities: {{drop: [ALL]}}}}
      volumeMounts: [{{name: www, mountPath: /www}}]
  volumes:
    - {{name: transparent-proxy-base, configMap: {{name: transparent-proxy}}}}
    - {{name: envoy, hostPath: {{path: {folder}/envoy, type: File}}}}
    - {{name: envoy-config, hostPath: {{path: {folder}/envoy.json, type: File}}}}
    - {{name: www, hostPath: {{path: {folder}/www, type: Directory}}}}
"""

# Without CAP_SYS_RESOURCE, no limit may be raised above its present one.
CONFIGURATION = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "cni"
cni_plugin_dirs = ["{folder}/cni"]
network_config_dir = "{folder}/podman/net.d"
default_network = "net"
"""


class PlayedPod:
    """The pod of the manifest, with the interface of `cri.Pod` that the traffic needs."""

    def __init__(self, node, config):
        self.environment = ENVIRONMENT | {
            "CONTAINERS_CONF": f"{FOLDER}/podman/containers.conf", "TMPDIR": FOLDER, "HOME": FOLDER}
        write(f"{FOLDER}/podman/containers.conf", CONFIGURATION.format(folder=FOLDER))
        with open(f"{FOLDER}/net.d/10-net.conflist", encoding="utf-8") as file:
            network = json.load(file)
        # The init container alone loads the rules.
        network |= {"cniVersion": "0.4.0", "plugins": network["plugins"][:1]}
        write(f"{FOLDER}/podman/net.d/10-net.conflist", json.dumps(network))
        for archive in (node.archive, f"{FOLDER}/tools.tar"):
            self.podman("load", "--quiet", "--input", archive)
        indented = "".join(f"    {line}\n" for line in config.strip().splitlines())
        write(f"{FOLDER}/podman/pod.yaml", MANIFEST.format(
            config=indented, image=node.image, tools=TOOLS, folder=FOLDER))

    def podman(self, *words):
        storage = ["--root", f"{FOLDER}/podman/root", "--runroot", f"{FOLDER}/podman/run", "--storage-driver", "vfs"]
        return run("podman", *storage, *words, env=self.environment)

    def __enter__(self):
        self.podman("kube", "play", "--network", "net", f"{FOLDER}/podman/pod.yaml")
        return self

    def __exit__(self, *_):
        self.podman("kube", "down", f"{FOLDER}/podman/pod.yaml")

    @property
    def addresses(self):
        inspected = json.loads(self.podman("pod", "inspect", "shop"))
        infra = json.loads(self.podman("container", "inspect", inspected["InfraContainerID"]))[0]
        network = infra["NetworkSettings"]["Networks"]["net"]
        return [network["IPAddress"], network["GlobalIPv6Address"]]

    def execute(self, name, *words):
        try:
            return 0, self.podman("exec", f"shop-{name}", *words)
        except Exception as error:
            return 1, str(error)
