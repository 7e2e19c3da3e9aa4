#!/usr/bin/env bash
# The system calls of lesson 1's server and client, from the first that names a socket.
cd "$(dirname "$0")/../.." || exit
cargo build -q -p solution01 || exit
here=${CARGO_TARGET_DIR:-target}/debug/solution01
[[ $here = /* ]] || here=$PWD/$here
exec unshare --user --map-root-user --net env PROGRAM="$here" PYTHONPATH=book/captures python3 - <<'PY'
import os, re, subprocess, tempfile
from wire import own_network, say

own_network()
CALLS = "socket,setsockopt,bind,listen,getsockname,accept4,connect,sendto,shutdown,recvfrom,close"

def start(role, log):
    return subprocess.Popen(
        ["strace", "-o", log, "-e", f"trace={CALLS}", os.environ["PROGRAM"], role, "--addr", "127.0.0.1:9000"],
        stdout=subprocess.PIPE, text=True)

with tempfile.TemporaryDirectory() as folder:
    server = start("server", folder + "/server")
    server.stdout.readline()
    client = start("client", folder + "/client")
    client.wait(5), server.wait(5)
    for role in ("server", "client"):
        say(f"# the {role}")
        lines = open(f"{folder}/{role}").read().splitlines()
        while lines and not lines[0].startswith("socket("):
            lines.pop(0)
        for line in lines:
            if not line.startswith("+++") and "ENOTCONN" not in line:
                say(re.sub(r"sin_port=htons\((\d+)\), sin_addr=inet_addr\(\"([\d.]+)\"\)", r"\2:\1", line))
PY
