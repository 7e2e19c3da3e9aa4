#!/usr/bin/env bash
# Lesson 1 in two terminals.
set -euo pipefail
cd "$(dirname "$0")/../.."

. book/captures/background.bash

start server cargo run -q -p solution01 -- server --addr "$addr"
cargo run -q -p solution01 -- client --addr "$addr" > "$work/client"
wait "${background[0]}"

echo "# terminal 1"
echo "\$ cargo run -q -p solution01 -- server --addr $addr"
cat "$work/server"
echo
echo "# terminal 2"
echo "\$ cargo run -q -p solution01 -- client --addr $addr"
cat "$work/client"
