#!/usr/bin/env bash
# An answer that meets a closed port: the first exchange of the check.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 4 --solutions --check server/sender-is-gone --seed 7'
drawn=$(cargo trace 4 --solutions --check server/sender-is-gone --seed 7)
sed '/peer 3 /,$d' <<< "$drawn"
echo '…'
