#!/usr/bin/env bash
# Two clients of one server, as the kernel sees them: one port at the server, three sockets.
set -euo pipefail
exec python3 - <<'PY'
import socket
import subprocess


def show(command):
    print("$", command)
    rows = subprocess.run(command, shell=True, check=True, capture_output=True, text=True)
    for row in rows.stdout.splitlines():
        print(row.rstrip())


server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
accepted = [server.accept()[0] for _ in range(2)]

show(f"ss -tan 'sport = :{port}'     # the server's sockets")
show(f"ss -tan 'dport = :{port}'     # the clients' sockets")
PY
