#!/usr/bin/env bash
# All of 127.0.0.0/8 is this machine: a server and a client on an address that nobody set up.
set -euo pipefail
exec python3 - <<'PY'
import socket

server = socket.create_server(("127.9.8.7", 0))
client = socket.create_connection(server.getsockname())
print("server listens on", "%s:%d" % server.getsockname())
print("client connected from", "%s:%d" % client.getsockname())
PY
