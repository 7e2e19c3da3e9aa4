#!/usr/bin/env bash
# A server of lesson 3 with one client, seen by `ss`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

start server cargo run -q -p solution03 -- server --addr "$addr"
exec 3<> "/dev/tcp/127.0.0.1/$port"
echo hello >&3
read -r _ <&3

# In the order server, client: `ss` promises none.
rows() {
    ss -H "$@" | grep -E "^(LISTEN|[^ ]+ +[0-9]+ +[0-9]+ +127.0.0.1:$port )" || true
    ss -H "$@" | grep -Ev "^(LISTEN|[^ ]+ +[0-9]+ +[0-9]+ +127.0.0.1:$port )" || true
}
echo "\$ ss -tln 'sport = :$port'"
ss -tln "sport = :$port" | sed 's/PortProcess/Port Process/'
echo
echo "\$ ss -tn 'sport = :$port or dport = :$port'"
ss -tn "sport = :$port or dport = :$port" | sed -n '1s/PortProcess/Port Process/; 1p'
rows -tn "sport = :$port or dport = :$port"
exec 3>&-
in_time has 1 disconnected server
echo
echo "# the client has closed, and its end waits"
echo "\$ ss -tan state time-wait 'dport = :$port'"
ss -tan state time-wait "dport = :$port" | sed 's/PortProcess/Port Process/'
