#!/usr/bin/env bash
# The two ends of lesson 1, and every packet between them.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 1 --solutions'
cargo trace 1 --solutions
