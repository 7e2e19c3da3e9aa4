#!/usr/bin/env bash
# The OpenBSD version of nc: a client, a server, and what it says without either.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

echo '$ nc -h 2>&1 | head -1'
nc -h 2>&1 | sed -n 1p
echo
echo "# nobody listens"
echo "\$ nc -v 127.0.0.1 $port"
nc -v 127.0.0.1 "$port" < /dev/null 2>&1 || echo "(exit code $?)"
start server cargo run -q -p solution01 -- server --addr "$addr"
echo
echo "# lesson 1's server runs in another terminal"
echo "\$ printf byebye | nc -N 127.0.0.1 $port"
printf byebye | nc -N 127.0.0.1 "$port"
echo
wait "${background[0]}"
echo
echo "# and it printed"
sed -n 2p "$work/server"
