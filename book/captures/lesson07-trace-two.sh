#!/usr/bin/env bash
# Three clients of lesson 7, the second of which stops inside a line: the segments that carry something.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 7 --solutions --check server/half-a-line --seed 7 | grep PSH'
cargo trace 7 --solutions --check server/half-a-line --seed 7 | grep PSH
