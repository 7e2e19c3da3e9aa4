#!/usr/bin/env bash
# One server, two clients at once. The second one comes and goes while the first one stays.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cargo build -q -p solution07
start server cargo run -q -p solution07 -- server --addr "$addr"
mkfifo "$work/typed"
cargo run -q -p solution07 -- client --addr "$addr" < "$work/typed" > "$work/one" &
one=$!
background+=("$one")
exec {typed}> "$work/typed"
echo 'I came first' >&"$typed"
in_time has 1 . one
printf 'I came second\nq\n' | cargo run -q -p solution07 -- client --addr "$addr" > "$work/two"
echo 'and I am still here' >&"$typed"
in_time has 2 . one
exec {typed}>&-
wait "$one"

echo "# terminal 1"
echo "\$ cargo run -q -p solution07 -- server --addr $addr"
cat "$work/server"
echo
echo "# terminal 2: between its two lines, the client of terminal 3 comes and goes"
echo "\$ cargo run -q -p solution07 -- client --addr $addr"
echo 'I came first'
sed -n 1p "$work/one"
echo 'and I am still here'
sed -n 2p "$work/one"
echo
echo "# terminal 3"
echo "\$ printf 'I came second\nq\n' | cargo run -q -p solution07 -- client --addr $addr"
cat "$work/two"
