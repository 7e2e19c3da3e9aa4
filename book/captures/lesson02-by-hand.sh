#!/usr/bin/env bash
# A chat of two programs, with what they type prepared.
set -euo pipefail
cd "$(dirname "$0")/../.."

. book/captures/background.bash

server() {
    printf 'fine, and you?\nthe sea is calm\n' |
        cargo run -q -p solution02 -- server --addr "$addr"
}
start server server
printf 'how are you?\nwhat is the weather like?\nQ\n' |
    cargo run -q -p solution02 -- client --addr "$addr" > "$work/client"
wait "${background[0]}"

echo "# terminal 1"
echo "\$ printf 'fine, and you?\nthe sea is calm\n' |"
echo ">     cargo run -q -p solution02 -- server --addr $addr"
cat "$work/server"
echo
echo "# terminal 2"
echo "\$ printf 'how are you?\nwhat is the weather like?\nQ\n' |"
echo ">     cargo run -q -p solution02 -- client --addr $addr"
cat "$work/client"
