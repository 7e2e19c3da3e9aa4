#!/usr/bin/env bash
# Lesson 6 in two terminals.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cargo build -q -p solution06
start server cargo run -q -p solution06 -- server --path "$work/sock"
printf 'hello\nquiet\nq\n' | cargo run -q -p solution06 -- client --path "$work/sock" > "$work/client"
in_time has 1 ^disconnected server

{
    echo "# terminal 1"
    echo "\$ cargo run -q -p solution06 -- server"
    cat "$work/server"
    echo
    echo "# terminal 2"
    echo "\$ printf 'hello\nquiet\nq\n' | cargo run -q -p solution06 -- client"
    cat "$work/client"
} | sed "s|$work/sock|/tmp/lesson06.sock|"
