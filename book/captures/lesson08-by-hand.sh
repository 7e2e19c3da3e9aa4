#!/usr/bin/env bash
# Lesson 8 in two terminals: a client with the right secret, and one with another.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cargo build -q -p solution08
export LESSON08_SECRET='open sesame'
start server cargo run -q -p solution08 -- server --addr "$addr"
printf 'hello\n\nq\n' | cargo run -q -p solution08 -- client --addr "$addr" > "$work/right"
LESSON08_SECRET='open barley' \
    cargo run -q -p solution08 -- client --addr "$addr" < /dev/null > "$work/wrong" 2>&1 && false
in_time has 2 ^disconnected server

echo "# terminal 1"
echo "\$ export LESSON08_SECRET='open sesame'"
echo "\$ cargo run -q -p solution08 -- server --addr $addr"
cat "$work/server"
echo
echo "# terminal 2"
echo "\$ export LESSON08_SECRET='open sesame'"
echo "\$ printf 'hello\n\nq\n' | cargo run -q -p solution08 -- client --addr $addr"
cat "$work/right"
echo "\$ LESSON08_SECRET='open barley' cargo run -q -p solution08 -- client --addr $addr"
cat "$work/wrong"
