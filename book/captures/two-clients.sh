#!/usr/bin/env bash
# One server, the same client program twice: the server's address stays, the client's is new.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q -p solution03

exec {server}< <(exec cargo run -q -p solution03 -- server --addr 127.0.0.1:0)
pid=$!
trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true' EXIT

read -r ready <&"$server"
addr=${ready#listening on }
for word in one two; do
    printf '%s\nQ\n' "$word" | cargo run -q -p solution03 -- client --addr "$addr" >/dev/null
done

printf '$ cargo run -q -p solution03 -- server --addr 127.0.0.1:0\n%s\n' "$ready"
for _ in 1 2 3 4 5 6; do
    read -r line <&"$server"
    printf '%s\n' "$line"
done
