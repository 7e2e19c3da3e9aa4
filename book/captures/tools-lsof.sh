#!/usr/bin/env bash
# The open descriptors of a server that waits.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash
cargo build -q -p solution03
target=${CARGO_TARGET_DIR:-$PWD/target}

start server "$target/debug/solution03" server --addr "$addr"
server=${background[0]}
exec 3<> "/dev/tcp/127.0.0.1/$port"
echo hello >&3
read -r _ <&3
echo "\$ lsof -nP -a -p $server -i"
lsof -nP -a -p "$server" -i 2> /dev/null | awk 'NR > 1 { sub($3, "you") } { print }'
