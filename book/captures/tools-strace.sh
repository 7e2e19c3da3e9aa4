#!/usr/bin/env bash
# The system calls of lesson 1's server.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash
cargo build -q -p solution01
target=${CARGO_TARGET_DIR:-$PWD/target}

calls=socket,setsockopt,bind,listen,accept4,sendto,shutdown,recvfrom
start server strace -f -qq -e "trace=$calls" -e signal=none -o "$work/trace" \
    "$target/debug/solution01" server --addr "$addr"
python3 - "$port" <<'PEER'
import socket, sys

peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while peer.recv(64):
    pass
peer.sendall(b"byebye")
PEER
wait "${background[0]}"
echo "\$ strace -e trace=$calls \\"
echo "      target/debug/solution01 server --addr $addr"
sed -e 's/^[0-9]* *//' "$work/trace"
