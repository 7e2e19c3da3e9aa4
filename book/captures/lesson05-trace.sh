#!/usr/bin/env bash
# The two ends of lesson 5, and every packet between them.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo trace 5 --solutions'
cargo trace 5 --solutions
