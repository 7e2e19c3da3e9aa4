#!/usr/bin/env bash
# What answers a SYN where nobody listens.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 1 --solutions --check client/no-server'
drawn=$(cargo trace 1 --solutions --check client/no-server)
# What the client says comes in pieces.
sed -n '/^ *client 127/,/ RST, ACK/p' <<< "$drawn"
echo '…'
grep '^the SYN' <<< "$drawn"
