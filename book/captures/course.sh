#!/usr/bin/env bash
# The course at a glance.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo run -q -p checker'
cargo run -q -p checker
