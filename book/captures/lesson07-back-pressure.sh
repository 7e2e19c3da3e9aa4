#!/usr/bin/env bash
# A client that talks and does not read: where its bytes are, and what they cost the server.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cargo build -q -p solution07
start server cargo run -q -p solution07 -- server --addr "$addr"

python3 - "$port" "${background[0]}" <<'PEERS'
import select, socket, subprocess, sys, time

port, pid = int(sys.argv[1]), sys.argv[2]

def shell(command):
    print("$ " + command, flush=True)
    subprocess.run(command, shell=True, check=True)

talks = socket.create_connection(("127.0.0.1", port))
talks.setblocking(False)
said = 0
# Until nothing has gone for a quarter of a second.
while select.select([], [talks], [], 0.25)[1]:
    said += talks.send(b"hello\n" * 10_000)

print(f"# a client has said {said} bytes and read nothing; no more goes")
shell(f"ss -tan state established '( sport = :{port} or dport = :{port} )' | awk '{{ $1 = $1 }} 1'")
print("\n# the server, meanwhile: its memory, and twice its processor time in ticks of 10 ms")
shell(f"grep VmRSS /proc/{pid}/status")
ticks = f"awk '{{ print $14 + $15 }}' /proc/{pid}/stat"
shell(ticks)
time.sleep(1)
shell(ticks)

other = socket.create_connection(("127.0.0.1", port))
other.sendall(b"and I?\n")
print("\n# another client says `and I?`, and gets")
print(other.recv(100).decode(), end="")
PEERS
