#!/usr/bin/env bash
# A second client waits in the accept queue, with what it has said, while the first is served.
set -euo pipefail
cd "$(dirname "$0")/../.."

. book/captures/background.bash

start server cargo run -q -p solution03 -- server --addr "$addr"

python3 - "$port" <<'PEERS'
import socket, subprocess, sys

port = int(sys.argv[1])
first = socket.create_connection(("127.0.0.1", port))
first.sendall(b"one\n")
first.recv(100)
second = socket.create_connection(("127.0.0.1", port))
second.sendall(b"hello\n")

print("# the first client is being served, the second has sent `hello`")
print(f"$ ss -tan 'sport = :{port}'")
shown = subprocess.run(["ss", "-tan", f"sport = :{port}"], capture_output=True, text=True).stdout
print("\n".join(line.rstrip() for line in shown.splitlines()), end="\n\n")

first.sendall(b"q\n")
first.close()
print("# the first client has quit, and the second reads")
print(second.recv(100).decode(), end="")
second.sendall(b"q\n")
second.recv(100)
PEERS
in_time grep -qz 'disconnected.*disconnected' "$work/server"

echo
echo "# what the server printed"
cat "$work/server"
