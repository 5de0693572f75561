"""Pods through a container runtime's CRI socket, as a kubelet runs them (k8s.io/cri-api, runtime.v1)."""
import json
import os
import time
import uuid

import grpc


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def encode(message):
    """Writes a message of protocol buffers: the values of its fields by their numbers.

    A list is a repeated field, a dict with texts as keys a map, any other dict a message.
    """
    out = b""
    for number, value in message.items():
        for item in value if isinstance(value, list) else [value]:
            if item is None:
                continue
            if isinstance(item, int):
                out += varint(number << 3) + varint(item)
                continue
            if isinstance(item, dict) and all(isinstance(key, str) for key in item) and item:
                out += encode({number: [encode({1: key, 2: text}) for key, text in item.items()]})
                continue
            data = encode(item) if isinstance(item, dict) else item.encode() if isinstance(item, str) else item
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def decode(data):
    """Reads a message: the values of its fields by their numbers; messages stay bytes."""
    fields, rest = {}, iter(data)

    def number():
        value = shift = 0
        for byte in rest:
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
        return None

    while (tag := number()) is not None:
        value = number() if tag & 7 == 0 else None
        if tag & 7 == 2:
            value = bytes(next(rest) for _ in range(number()))
        elif tag & 7 != 0:
            raise ValueError(f"wire type {tag & 7}")
        fields.setdefault(tag >> 3, []).append(value)
    return fields


class Failed(Exception):
    """An answer of the runtime that is an error."""


class Runtime:
    def __init__(self, socket):
        self.channel = grpc.insecure_channel(f"unix://{socket}")

    def call(self, method, message, seconds=600):
        rpc = self.channel.unary_unary(
            f"/runtime.v1.RuntimeService/{method}", request_serializer=bytes, response_deserializer=bytes)
        try:
            return decode(rpc(encode(message), timeout=seconds))
        except grpc.RpcError as error:
            raise Failed(f"{method}: {error.details()}") from None

    def conditions(self):
        """RuntimeReady and NetworkReady, each with its reason. Runtimes with CNI 1.1 call STATUS for the answer."""
        status = decode(self.call("Status", {})[1][0])
        found = [decode(condition) for condition in status[1]]
        return {one[1][0].decode(): (bool(one.get(2, [0])[0]), one.get(4, [b""])[0].decode()) for one in found}


def cgroup2():
    """Where cgroup v2 is mounted: on hosts with both versions, below the other one."""
    with open("/proc/mounts", encoding="ascii") as mounts:
        return next(words[1] for words in map(str.split, mounts) if words[2] == "cgroup2")


class Pod:
    """A pod: its sandbox is run at once, and its containers one by one. Those of a privileged pod may be so, too."""

    def __init__(
            self, runtime, name, annotations=None, folder="/run/pods", namespace="shop", cgroup="", privileged=False):
        self.runtime, self.name, self.containers = runtime, name, {}
        self.logs = f"{folder}/logs/{name}-{uuid.uuid4()}"
        os.makedirs(self.logs)
        own_network = {1: 0, 2: 1, 3: 0}
        uid = str(uuid.uuid4())
        # A kubelet makes the pod's cgroup before it calls the runtime.
        self.cgroup = f"{cgroup}/kubepods/pod{uid}"
        self.cgroup_path = cgroup2() + self.cgroup
        os.makedirs(self.cgroup_path)
        security = {1: own_network, 6: True if privileged else None}
        self.config = {
            1: {1: name, 2: uid, 3: namespace, 4: 0}, 2: name, 3: self.logs,
            7: annotations or None, 8: {1: self.cgroup, 2: security},
        }
        self.id = runtime.call("RunPodSandbox", {1: self.config})[1][0].decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for method in ("StopPodSandbox", "RemovePodSandbox"):
            self.runtime.call(method, {1: self.id})
        for _ in range(500):
            try:
                os.rmdir(self.cgroup_path)
                break
            except OSError:
                time.sleep(0.02)

    @property
    def addresses(self):
        """The pod's addresses, IPv4 first."""
        network = decode(decode(self.runtime.call("PodSandboxStatus", {1: self.id})[1][0])[5][0])
        found = [network[1][0].decode()] + [decode(more)[1][0].decode() for more in network.get(2, [])]
        return sorted(found, key=lambda address: ":" in address)

    @property
    def namespace_path(self):
        answer = self.runtime.call("PodSandboxStatus", {1: self.id, 2: True})
        entries = {entry[1][0]: entry[2][0] for entry in map(decode, answer[2])}
        spaces = json.loads(entries[b"info"])["runtimeSpec"]["linux"]["namespaces"]
        return next(space["path"] for space in spaces if space["type"] == "network")

    def start(
            self, name, image, words, user, capabilities=(), mounts=(), environment=None, memory=None, privileged=False):
        """Starts a container with a read-only root and these capabilities only; mounts are (host, container). A
        privileged one has the node's /sys/fs/cgroup and /sys/fs/bpf as well, as volumes of type hostPath."""
        security = {
            1: None if privileged else {1: list(capabilities), 2: "ALL"}, 2: True if privileged else None,
            3: {1: 0, 2: 1, 3: 0}, 5: encode_user(user), 7: True, 11: not capabilities and not privileged,
            12: encode_user(user),
        }
        # With the propagations None and Bidirectional.
        of_node = [{1: path, 2: path, 5: way} for path, way in (("/sys/fs/cgroup", 0), ("/sys/fs/bpf", 2))]
        config = {
            1: {1: name, 2: 0}, 2: {1: image}, 3: list(words),
            6: [{1: key, 2: value} for key, value in (environment or {}).items()],
            7: [{1: inside, 2: host, 3: inside != "/tmp"} for host, inside in mounts] + of_node * privileged,
            11: f"{name}.log", 15: {1: {4: memory} if memory else None, 2: security},
        }
        made = self.runtime.call("CreateContainer", {1: self.id, 2: config, 3: self.config})
        self.containers[name] = made[1][0].decode()
        self.runtime.call("StartContainer", {1: self.containers[name]})

    def run_to_end(self, name, *arguments, **options):
        """Runs an init container; returns its exit code, standard output and standard error."""
        self.start(name, *arguments, **options)
        for _ in range(1500):
            status = decode(self.runtime.call("ContainerStatus", {1: self.containers[name]})[1][0])
            if status.get(3, [0])[0] == 2:
                return status.get(7, [0])[0], self.log(name, "stdout"), self.log(name, "stderr")
            time.sleep(0.02)
        raise Failed(f"{name} didn't end")

    def log(self, name, stream):
        """What a container wrote: each line is preceded by its time, the stream, and F if it is whole."""
        with open(f"{self.logs}/{name}.log", encoding="utf-8", errors="replace") as file:
            lines = [line.split(" ", 3) for line in file]
        return "".join(line[3] if line[2] == "F" else line[3].rstrip("\n") for line in lines if line[1] == stream)

    def execute(self, name, *words, seconds=60):
        """Runs a program in a container; returns its exit code and its output."""
        answer = self.runtime.call("ExecSync", {1: self.containers[name], 2: list(words), 3: seconds})
        output = b"".join(answer.get(1, []) + answer.get(2, []))
        return answer.get(3, [0])[0], output.decode(errors="replace")


def encode_user(user):
    return {1: user}
