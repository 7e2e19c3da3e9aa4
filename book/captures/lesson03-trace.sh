#!/usr/bin/env bash
# The two ends of lesson 3, and every packet between them.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 3 --solutions'
cargo trace 3 --solutions
