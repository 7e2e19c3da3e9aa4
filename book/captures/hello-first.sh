#!/usr/bin/env bash
# The first page's program, in two terminals.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q -p solution01 --example first

. book/captures/background.bash

start server cargo run -q -p solution01 --example first -- server "$addr"
cargo run -q -p solution01 --example first -- client "$addr" > "$work/client"
wait "${background[0]}"

echo "# terminal 1"
echo "\$ cargo run -q -p solution01 --example first -- server $addr"
cat "$work/server"
echo
echo "# terminal 2"
echo "\$ cargo run -q -p solution01 --example first -- client $addr"
cat "$work/client"
