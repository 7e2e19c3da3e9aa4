#!/usr/bin/env bash
# Lesson 5 in two terminals. The second line is empty, the third is no quit word here.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cargo build -q -p solution05
start server cargo run -q -p solution05 -- server --addr "$addr"
printf 'hello\n\nQ\n' | cargo run -q -p solution05 -- client --addr "$addr" > "$work/client"
in_time has 1 ^disconnected server

echo "# terminal 1"
echo "\$ cargo run -q -p solution05 -- server --addr $addr"
cat "$work/server"
echo
echo "# terminal 2"
echo "\$ printf 'hello\n\nQ\n' | cargo run -q -p solution05 -- client --addr $addr"
cat "$work/client"
