#!/usr/bin/env bash
# The system calls of lesson 1's server.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q -p solution01
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
server=
trap 'kill "$server" 2> /dev/null || true; rm -r "$work"' EXIT

calls=socket,setsockopt,bind,listen,accept4,sendto,shutdown,recvfrom
strace -f -qq -e "trace=$calls" -e signal=none -o "$work/trace" \
    "$target/debug/solution01" server --addr 127.0.0.1:0 > "$work/log" &
server=$!
for _ in {1..200}; do
    if grep -q listening "$work/log"; then break; fi
    sleep 0.05
done
port=$(sed -n 's/.*://p' "$work/log")
python3 - "$port" <<'PEER'
import socket, sys

peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while peer.recv(64):
    pass
peer.sendall(b"byebye")
PEER
wait "$server"
echo "\$ strace -e trace=$calls \\"
echo "      target/debug/solution01 server --addr 127.0.0.1:0"
sed -e 's/^[0-9]* *//' "$work/trace"
