#!/usr/bin/env bash
# A client without a server, and a second server at one address.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q -p solution01 --example first

. book/captures/background.bash

echo "# nobody listens"
echo "\$ cargo run -q -p solution01 --example first -- client $addr"
cargo run -q -p solution01 --example first -- client "$addr" 2>&1 || true

start server cargo run -q -p solution01 --example first -- server "$addr"
echo
echo "# a server runs in another terminal"
echo "\$ cargo run -q -p solution01 --example first -- server $addr"
cargo run -q -p solution01 --example first -- server "$addr" 2>&1 || true
