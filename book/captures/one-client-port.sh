#!/usr/bin/env bash
# One client port, two connections: the other half of the four-tuple tells them apart.
set -euo pipefail
exec python3 - <<'PY'
import socket
import subprocess

servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
clients = [socket.socket() for _ in range(2)]
for client in clients:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
clients[0].bind(("127.0.0.1", 0))
port = clients[0].getsockname()[1]
clients[1].bind(("127.0.0.1", port))
for client, server in zip(clients, servers):
    client.connect(server.getsockname())

command = f"ss -tanH 'sport = :{port}'"
print("$", command)
rows = subprocess.run(command, shell=True, check=True, capture_output=True, text=True)
for row in rows.stdout.splitlines():
    print(row.rstrip())
PY
