#!/usr/bin/env bash
# The mode of a new socket file is 0777 without the bits of the umask.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cat > "$work/umask.py" <<'PYTHON'
import os, socket, stat

for umask in (0o022, 0o177):
    os.umask(umask)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("my.sock")
    print(f"umask {umask:04o}: {stat.filemode(os.stat('my.sock').st_mode)}")
    os.unlink("my.sock")
PYTHON

echo '$ cat umask.py'
cat "$work/umask.py"
echo '$ python3 umask.py'
cd "$work"
python3 umask.py
