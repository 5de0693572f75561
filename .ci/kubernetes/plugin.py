"""Tests of tproxy-cni that treat it badly, and its calls without a runtime."""
import concurrent.futures
import json
import os
import random
import re
import subprocess

import cri
from node import ENVIRONMENT, FOLDER, read, run, write

MESHED = {"kuma.io/sidecar-injected": "true"}
STARTS = 50
AT_ONCE = 20

# Runs the plugin, and kills it during ADD at the time that the next line of the file names, in microseconds.
KILLER = """#!/usr/bin/python3 -IS
import json, os, subprocess, sys, threading
real = "{folder}/plugin/tproxy-cni"
if os.environ["CNI_COMMAND"] != "ADD":
    os.execv(real, [real])
with open("{folder}/delays") as file:
    lines = file.readlines()
with open("{folder}/delays", "w") as file:
    file.writelines(lines[1:])
process = subprocess.Popen([real], stdin=sys.stdin, stdout=subprocess.PIPE)
timer = threading.Timer(int(lines[0]) / 1e6, process.kill)
timer.start()
output = process.communicate()[0]
timer.cancel()
# What the kernel holds at the plugin's end, before the runtime removes the pod.
table = subprocess.run(
    ["/usr/bin/nsenter", "--net=" + os.environ["CNI_NETNS"], "/usr/sbin/nft", "--stateless", "list", "ruleset"],
    capture_output=True, text=True).stdout
with open("{folder}/outcomes", "a") as file:
    file.write(json.dumps([process.returncode, table]) + "\\n")
sys.stdout.buffer.write(output)
sys.exit(process.returncode if process.returncode >= 0 else 137)
"""


class Wrong(Exception):
    """The outcome differs from the expected one."""


def rules(namespace):
    """The rules of a pod; empty if it has none."""
    return run("nsenter", f"--net={namespace}", "nft", "--stateless", "list", "ruleset")


def check(node, pod, annotations):
    """Calls CHECK of the plugin; returns 0, or its error code."""
    configuration = {
        "cniVersion": "1.0.0", "name": "net", "type": "tproxy-cni", "prevResult": {"cniVersion": "1.0.0"},
        "runtimeConfig": {"io.kubernetes.cri.pod-annotations": annotations}}
    environment = ENVIRONMENT | {
        "CNI_COMMAND": "CHECK", "CNI_CONTAINERID": "c", "CNI_NETNS": pod.namespace_path, "CNI_IFNAME": "eth0",
        "CNI_ARGS": f"K8S_POD_NAMESPACE=shop;K8S_POD_NAME={pod.name}"}
    outcome = subprocess.run(
        [*node.into, f"{FOLDER}/cni/tproxy-cni"], env=environment, input=json.dumps(configuration), capture_output=True,
        text=True)
    return 0 if outcome.returncode == 0 else json.loads(outcome.stdout)["code"]


def without_identity(table):
    """A table without the set that records the time of the load."""
    return re.sub(r"\tset identity \{.*?\n\t\}\n", "", table, flags=re.DOTALL)


def killed(node):
    """50 starts with the plugin killed at random: the start fails, or the pod has all rules."""
    seed = int(os.environ.get("TPROXY_TEST_SEED") or random.randrange(1 << 32))
    with node.pod("whole", MESHED) as pod:
        whole = without_identity(rules(pod.namespace_path))
    chooser = random.Random(seed)
    os.makedirs(f"{FOLDER}/plugin")
    run("mv", f"{FOLDER}/cni/tproxy-cni", f"{FOLDER}/plugin/")
    # Each order of magnitude is as likely: machines differ, and a call takes a few milliseconds.
    delays = [int(10 ** chooser.uniform(2, 4.5)) for _ in range(STARTS)]
    write(f"{FOLDER}/delays", "".join(f"{delay}\n" for delay in delays))
    write(f"{FOLDER}/cni/tproxy-cni", KILLER.format(folder=FOLDER))
    os.chmod(f"{FOLDER}/cni/tproxy-cni", 0o755)
    started = 0
    try:
        for number in range(STARTS):
            try:
                with node.pod(f"killed-{number}", MESHED) as pod:
                    started += 1
                    if without_identity(rules(pod.namespace_path)) != whole:
                        raise Wrong(f"seed {seed}, start {number}: the pod started without its rules")
            except cri.Failed:
                pass
    finally:
        run("mv", f"{FOLDER}/plugin/tproxy-cni", f"{FOLDER}/cni/tproxy-cni")
    outcomes = [json.loads(line) for line in read(f"{FOLDER}/outcomes").decode().splitlines()]
    for number, (code, table) in enumerate(outcomes):
        if table and without_identity(table) != whole:
            raise Wrong(f"seed {seed}, start {number}: exit {code}, and a part of the table:\n{table}")
        if code == 0 and not table:
            raise Wrong(f"seed {seed}, start {number}: success without rules")
    done = sum(code == 0 for code, _ in outcomes)
    if len(outcomes) != STARTS or started != done:
        raise Wrong(f"seed {seed}: {len(outcomes)} calls, {done} succeeded, {started} pods started")
    loaded = sum(code != 0 and bool(table) for code, table in outcomes)
    print(f"   {STARTS - done} of {STARTS} killed, {loaded} of them after the rules were loaded")


def many_at_once(node):
    """20 pods at once have all rules."""
    def start(number):
        return node.pod(f"many-{number}", MESHED)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as workers:
        pods = list(workers.map(start, range(AT_ONCE)))
        codes = list(workers.map(lambda pod: check(node, pod, MESHED), pods))
        list(workers.map(lambda pod: pod.__exit__(), pods))
    if codes != [0] * AT_ONCE:
        raise Wrong(f"CHECK: {codes}")
