#!/usr/bin/env bash
# Two glued lines, read with a new buffered reader for each, and with one for both.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cat > "$work/glued.py" <<'PROGRAM'
import socket

def two_glued_lines():
    listener = socket.create_server(("127.0.0.1", 0))
    sender = socket.create_connection(listener.getsockname())
    sender.sendall(b"one\ntwo\n")
    sender.close()
    return listener.accept()[0]

stream = two_glued_lines()
print("a new reader for each line:")
print("   ", stream.makefile("rb").readline())
print("   ", stream.makefile("rb").readline())

stream = two_glued_lines()
reader = stream.makefile("rb")
print("one reader for both:")
print("   ", reader.readline())
print("   ", reader.readline())
PROGRAM
echo '$ cat glued.py'
cat "$work/glued.py"
echo
echo '$ python3 glued.py'
python3 "$work/glued.py"
