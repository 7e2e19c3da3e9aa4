#!/usr/bin/env bash
# The packets that end the connection of lesson 1, and what the checker says of them.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 1 --solutions'
drawn=$(cargo trace 1 --solutions)
echo '…'
sed -n '/ FIN, ACK  seq 6/,$p' <<< "$drawn"
