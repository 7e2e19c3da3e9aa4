#!/usr/bin/env bash
# A socket file's life: with a server, after its server was killed, with a second server, after SIGTERM.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cargo build -q -p solution06
sock=$work/sock
client() { cargo run -q -p solution06 -- client --path "$sock" < /dev/null 2>&1 || true; }

{
    start first cargo run -q -p solution06 -- server --path "$sock"
    echo '# a server is listening'
    echo "\$ stat -c '%A %a %F' $sock"
    stat -c '%A %a %F' "$sock"

    kill -KILL "${background[0]}"
    wait "${background[0]}" 2> /dev/null || true
    echo
    echo '# it was killed, and could not tidy up'
    echo "\$ stat -c '%A %a %F' $sock"
    stat -c '%A %a %F' "$sock"
    echo '$ cargo run -q -p solution06 -- client'
    client

    start again cargo run -q -p solution06 -- server --path "$sock"
    echo
    echo '# a new one replaces the left-over file'
    echo '$ cargo run -q -p solution06 -- server &'
    cat "$work/again"
    echo '$ cargo run -q -p solution06 -- server'
    cargo run -q -p solution06 -- server --path "$sock" 2>&1 || true

    echo
    echo '# SIGTERM: it tidies up'
    echo '$ kill -TERM %1; wait %1; echo $?'
    kill -TERM "${background[1]}"
    wait "${background[1]}" && echo $?
    echo "\$ stat -c '%A %a %F' $sock"
    LC_ALL=C stat -c '%A %a %F' "$sock" 2>&1 || true
} 2>&1 | sed "s|$sock|/tmp/lesson06.sock|"
