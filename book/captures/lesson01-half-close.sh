#!/usr/bin/env bash
# Between greeting and reply: the server has shut down its sending direction, the peer has not.
set -euo pipefail
cd "$(dirname "$0")/../.."

. book/captures/background.bash

start server cargo run -q -p solution01 -- server --addr "$addr"

python3 - "$port" <<'PEER'
import socket, subprocess, sys, time

port = sys.argv[1]
peer = socket.create_connection(("127.0.0.1", int(port)))
while peer.recv(100):  # to end-of-file: the server has said all
    pass

command = f"ss -tanH 'sport = :{port} or dport = :{port}' | sort"
deadline = time.monotonic() + 20
while True:
    shown = subprocess.run(command, shell=True, capture_output=True, text=True).stdout
    # Until then the acknowledgement of its end is under way.
    if "FIN-WAIT-2" in shown or time.monotonic() > deadline:
        break

print("# the greeting has come to its end, the reply has not been sent")
print(f"$ {command}")
print("\n".join(line.rstrip() for line in shown.splitlines()))
peer.sendall(b"byebye")
peer.close()
PEER
wait "${background[0]}"
