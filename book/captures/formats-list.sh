#!/usr/bin/env bash
# The course as data: the first check of a lesson.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo '$ cargo run -q -p checker -- list 4 --format json | head -12'
cargo run -q -p checker -- list 4 --format json | sed -n 1,12p
