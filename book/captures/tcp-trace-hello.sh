#!/usr/bin/env bash
# The three packets that begin the connection of lesson 1.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 1 --solutions'
drawn=$(cargo trace 1 --solutions)
# The server's line, and from the names of the two ends to the third packet.
sed -n '/server prints "listening/p; /^ *client 127/,/ ACK  seq 1  ack 1 ─/p' <<< "$drawn"
echo '…'
