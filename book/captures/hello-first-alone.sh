#!/usr/bin/env bash
# A client without a server, and a second server at one address.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q -p solution01 --example first

# A free port, or the one that is asked for.
port=${PORT-$(python3 -c '
import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')}
addr=127.0.0.1:$port
work=$(mktemp -d)

server=
trap 'kill "$server" 2> /dev/null || true; wait; rm -r "$work"' EXIT

in_time() {
    for _ in {1..400}; do
        if "$@"; then return; fi
        sleep 0.05
    done
    return 1
}

echo "# nobody listens"
echo "\$ cargo run -q -p solution01 --example first -- client $addr"
cargo run -q -p solution01 --example first -- client "$addr" 2>&1 || true

cargo run -q -p solution01 --example first -- server "$addr" > "$work/server" &
server=$!
in_time grep -q listening "$work/server"
echo
echo "# a server runs in another terminal"
echo "\$ cargo run -q -p solution01 --example first -- server $addr"
cargo run -q -p solution01 --example first -- server "$addr" 2>&1 || true
