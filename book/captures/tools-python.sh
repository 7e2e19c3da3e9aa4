#!/usr/bin/env bash
# A peer of one's own: a dribble that cuts a character, and an answer in frames.
set -euo pipefail

cat > /dev/stdout <<'SESSION'
$ python3
>>> import struct
SESSION
python3 - <<'PYTHON'
import struct

def shown(expression):
    print(">>>", expression)
    print(repr(eval(expression)))

shown('"你".encode()')
shown('struct.pack(">I", 5) + b"hello"')
shown('struct.unpack(">I", b"\\x00\\x10\\x00\\x00")[0] == 1 << 20')
shown('b"\\xe4\\xbd".decode(errors="replace")')
PYTHON
