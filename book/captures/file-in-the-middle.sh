#!/usr/bin/env bash
# Two programs share a file: the reader comes while the writer is still writing.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# Runs a command line and shows it as a person would have typed it.
typed() {
    printf '$ %s\n' "$1"
    eval "$1"
}

typed "printf 'meet me at' > note.txt      # one program begins to write"
typed "cat note.txt; echo                  # another reads, at once"
typed "printf ' ten\n' >> note.txt         # now the writer is done"
typed "cat note.txt                        # who told the reader?"
