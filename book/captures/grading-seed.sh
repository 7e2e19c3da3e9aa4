#!/usr/bin/env bash
# The same seed sends the same words.
set -euo pipefail
cd "$(dirname "$0")/../.."

for seed in 7 7 8; do
    echo "\$ cargo grade 1 --solutions --check server/reads-to-the-end --seed $seed --verbose | grep sends"
    cargo grade 1 --solutions --check server/reads-to-the-end --seed "$seed" --verbose |
        grep sends | cut -c 15-
done
