#!/usr/bin/env bash
# TCP port N and UDP port N are two things; and two TCP listeners cannot share one.
set -euo pipefail
exec python3 - <<'PY'
import socket
import subprocess

while True:
    tcp = socket.create_server(("127.0.0.1", 0))
    port = tcp.getsockname()[1]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.bind(("127.0.0.1", port))
    except OSError:
        continue  # another program has that UDP port
    break

command = f"ss -tulnH 'sport = :{port}'"
print("$", command)
rows = subprocess.run(command, shell=True, check=True, capture_output=True, text=True)
for row in rows.stdout.splitlines():
    print(row.rstrip())

second = socket.socket()
second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
print("\nA second TCP listener on that port:")
try:
    second.bind(("127.0.0.1", port))
    second.listen()
    print("it listens")
except OSError as error:
    print(error)
PY
