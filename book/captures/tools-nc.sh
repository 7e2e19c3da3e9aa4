#!/usr/bin/env bash
# The OpenBSD version of nc: a client, a server, and what it says without either.
set -euo pipefail
cd "$(dirname "$0")/../.."
port=$(python3 -c '
import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
work=$(mktemp -d)
server=
trap 'kill "$server" 2> /dev/null || true; rm -r "$work"' EXIT

echo '$ nc -h 2>&1 | head -1'
nc -h 2>&1 | sed -n 1p
echo
echo "# nobody listens"
echo "\$ nc -v 127.0.0.1 $port"
nc -v 127.0.0.1 "$port" < /dev/null 2>&1 || echo "(exit code $?)"
cargo run -q -p solution01 -- server --addr "127.0.0.1:$port" > "$work/log" &
server=$!
for _ in {1..100}; do
    if grep -q listening "$work/log"; then break; fi
    sleep 0.05
done
echo
echo "# lesson 1's server runs in another terminal"
echo "\$ printf byebye | nc -N 127.0.0.1 $port"
printf byebye | nc -N 127.0.0.1 "$port"
echo
wait "$server"
echo
echo "# and it printed"
sed -n 2p "$work/log"
