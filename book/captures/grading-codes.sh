#!/usr/bin/env bash
# The four exit codes of the checker.
set -euo pipefail
cd "$(dirname "$0")/../.."

code() {
    local code=0
    echo "\$ cargo grade $*"
    cargo grade "$@" > "$out" 2> "$said" || code=$?
    sed -n '/^error:/p' "$said"
    # At which of its sockets the checker runs out of descriptors is chance.
    sed -n 's/ failed while [^:]*: / failed …: /; /^BROKEN/,/not your/p' "$out"
    printf '$ echo $?\n%s\n\n' "$code"
}
out=$(mktemp)
said=$(mktemp)
trap 'rm "$out" "$said"' EXIT

echo '# everything passed'
code 1 --solutions --check server/greets
echo '# `true` is no server'
code 1 --program true --check server/listens
echo '# no such check'
code 1 --solutions --check server/greet
echo "# the checker itself may open no more than 60 descriptors"
echo '$ ulimit -n 60'
ulimit -n 60
code 7 --solutions --check server/many-at-once --jail none
