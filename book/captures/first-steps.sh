#!/usr/bin/env bash
# What a lesson says before anything is written.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo run -q -p lesson01 -- server'
cargo run -q -p lesson01 -- server 2>&1 || true
echo
echo '$ cargo grade 1'
cargo grade 1 || true
