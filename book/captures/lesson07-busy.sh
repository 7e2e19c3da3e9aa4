#!/usr/bin/env bash
# What it costs to have nothing to do: in a busy loop, and asleep in poll.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo run -q -p lesson07 --example busy'
cargo run -q -p lesson07 --example busy
