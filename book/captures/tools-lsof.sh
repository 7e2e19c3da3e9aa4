#!/usr/bin/env bash
# The open descriptors of a server that waits.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q -p solution03
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
server=
trap 'kill "$server" 2> /dev/null || true; rm -r "$work"' EXIT

"$target/debug/solution03" server --addr 127.0.0.1:0 > "$work/log" < /dev/null &
server=$!
for _ in {1..200}; do
    if grep -q listening "$work/log"; then break; fi
    sleep 0.05
done
port=$(sed -n 's/.*://p' "$work/log")
exec 3<> "/dev/tcp/127.0.0.1/$port"
echo hello >&3
read -r _ <&3
echo "\$ lsof -nP -a -p $server -i"
lsof -nP -a -p "$server" -i 2> /dev/null | awk 'NR > 1 { sub($3, "you") } { print }'
exec 3>&-
kill "$server"
wait "$server" 2> /dev/null || true
