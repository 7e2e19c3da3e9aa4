#!/usr/bin/env bash
# Two ways not to reach a server: a host that says no, and a place from which nothing comes back.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket, subprocess, time
from wire import HOST, Wire, own_network, say

own_network()
# 192.0.2.0/24 is reserved for books (RFC 5737). What is sent there is lost.
subprocess.run("ip route add 192.0.2.1 dev lo src 127.0.0.1".split(), check=True)

for host, what in [(HOST, "nobody listens"), ("192.0.2.1", "nobody is there")]:
    say(f"# connect to {host}:9000, where {what}; patience: 4 seconds")
    wire = Wire({9000: "server"})
    start = time.time()
    try:
        socket.create_connection((host, 9000), timeout=4)
    except OSError as error:
        took = time.time() - start
        for at, line, _ in wire.take():
            say(f"{at - start:5.1f} s  {line}")
        say(f"{took:5.1f} s  connect: {error}")
PY
