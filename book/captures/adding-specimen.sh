#!/usr/bin/env bash
# A known-wrong program, graded by the check that must catch it.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q -p specimens
target=${CARGO_TARGET_DIR:-$PWD/target}

program='target/debug/specimens lesson01 empty-reply-is-not-printed'
echo '$ cargo build -p specimens'
echo "\$ cargo grade 1 --program '$program' --check 'server/s*' --seed 7"
cargo grade 1 --program "$target/debug/${program#target/debug/}" --check 'server/s*' --seed 7 |
    sed "s|$target|target|" || true
