#!/usr/bin/env bash
# A report of a program that waits for ever: where it waits, and what the packets say.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/elsewhere.bash
cat > hello.py <<'PROGRAM'
import socket, sys

host, port = sys.argv[3].rsplit(":", 1)
listener = socket.create_server((host, int(port)))
print("listening on %s:%d" % listener.getsockname(), flush=True)
stream, client = listener.accept()
stream.sendall(b"hello")
reply = b""
while piece := stream.recv(4096):
    reply += piece
print(reply.decode(errors="replace"))
PROGRAM

echo "\$ cargo grade 1 --program 'python3 hello.py' --check server/greets --seed 7"
grade 1 --program 'python3 hello.py' --check server/greets --seed 7 || true
