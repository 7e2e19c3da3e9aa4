#!/usr/bin/env bash
# One failed check, as junit.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/one-failure.bash

one_failure --format junit
