#!/usr/bin/env bash
# Lesson 4 in two terminals.
set -euo pipefail
cd "$(dirname "$0")/../.."

# A free port of UDP.
PORT=${PORT-$(python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')}
. book/captures/background.bash

start server cargo run -q -p solution04 -- server --addr "$addr"
printf 'hello\nworld\n' | cargo run -q -p solution04 -- client --addr "$addr" > "$work/client"

echo "# terminal 1"
echo "\$ cargo run -q -p solution04 -- server --addr $addr"
cat "$work/server"
echo
echo "# terminal 2"
echo "\$ printf 'hello\nworld\n' | cargo run -q -p solution04 -- client --addr $addr"
cat "$work/client"
echo
echo "# terminal 3, while the server runs"
echo "\$ ss -uan 'sport = :$port'"
ss -uan "sport = :$port" | sed "s/ *$//"
