#!/usr/bin/env bash
# A peer that resets its connection, in the middle of its reply.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 1 --solutions --check server/peer-resets --seed 7'
drawn=$(cargo trace 1 --solutions --check server/peer-resets --seed 7)
echo '…'
# From the server's FIN to the reset; what the server says of it comes in pieces.
sed -n '/ FIN, ACK  seq 6/,/ RST, ACK/p' <<< "$drawn"
echo '…'
