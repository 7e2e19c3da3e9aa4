#!/usr/bin/env bash
# A chat of two programs, with what they type prepared.
set -euo pipefail
cd "$(dirname "$0")/../.."

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

printf 'fine, and you?\nthe sea is calm\n' |
    cargo run -q -p solution02 -- server --addr "$addr" > "$work/server" &
server=$!
in_time grep -q listening "$work/server"
printf 'how are you?\nwhat is the weather like?\nQ\n' |
    cargo run -q -p solution02 -- client --addr "$addr" > "$work/client"
wait "$server"

echo "# terminal 1"
echo "\$ printf 'fine, and you?\nthe sea is calm\n' |"
echo ">     cargo run -q -p solution02 -- server --addr $addr"
cat "$work/server"
echo
echo "# terminal 2"
echo "\$ printf 'how are you?\nwhat is the weather like?\nQ\n' |"
echo ">     cargo run -q -p solution02 -- client --addr $addr"
cat "$work/client"
