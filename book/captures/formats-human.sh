#!/usr/bin/env bash
# One failed check, for a person.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/one-failure.bash

one_failure
