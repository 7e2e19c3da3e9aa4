#!/usr/bin/env bash
# Frames made by hand: glued, cut, and from a program that came to the wrong door.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cat > "$work/bytes.py" <<'PYTHON'
import socket

def says(*pieces):
    with socket.create_connection(("127.0.0.1", 9000)) as peer:
        for piece in pieces:
            peer.sendall(piece)
        peer.shutdown(socket.SHUT_WR)
        print(peer.makefile("rb").read())

says(b"\0\0\0\5hello" b"\0\0\0\0" b"\0\0\0\2hi")    # three frames, one send
says(b"\0\0", b"\0\5he", b"llo")                    # one frame, three sends
says(b"\0\0\0\5hel")                                # two bytes too few
says(b"GET ")                                       # a browser at the wrong door
PYTHON

cargo build -q -p solution05
start server cargo run -q -p solution05 -- server --addr "$addr"
echo '$ cat bytes.py'
sed "s/9000/$port/" "$work/bytes.py"
echo '$ python3 bytes.py'
sed "s/9000/$port/" "$work/bytes.py" | python3 -
in_time has 4 ^disconnected server

echo
echo "# what the server printed"
cat "$work/server"
