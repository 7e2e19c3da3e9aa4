#!/usr/bin/env bash
# Two naive programs, who believe that what is one send is one read.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo run -q -p lesson05 --example sticky'
cargo run -q -p lesson05 --example sticky
