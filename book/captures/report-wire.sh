#!/usr/bin/env bash
# What a report says of a client that has said all, and does not close: the lines below the transcript.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/elsewhere.bash
cat > hello.py <<'PROGRAM'
import socket, sys

host, port = sys.argv[3].rsplit(":", 1)
stream = socket.create_connection((host, int(port)))
print(stream.recv(4096).decode(errors="replace"), flush=True)
stream.sendall(b"byebye")
input("Enter ends me: ")
PROGRAM

echo "\$ cargo grade 1 --program 'python3 hello.py' --check client/says-byebye --seed 7"
echo '…'
grade 1 --program 'python3 hello.py' --check client/says-byebye --seed 7 > report || true
sed -n '/^  the /,$p' report
