#!/usr/bin/env bash
# Who knows the secret comes in, in any language. Who says nothing, or a byte now and then, is dropped at the deadline.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/background.bash

cat > "$work/strangers.py" <<'PYTHON'
import hmac, socket, time

def frame(payload):
    return len(payload).to_bytes(4, "big") + payload

def comes():
    peer = socket.create_connection(("127.0.0.1", 9000))
    challenge = peer.recv(36, socket.MSG_WAITALL)[4:]
    return peer, challenge

peer, challenge = comes()
answer = hmac.digest(b"open sesame", challenge, "sha256")
peer.sendall(frame(answer) + frame(b"hello"))
print("who knows the secret:", peer.recv(15, socket.MSG_WAITALL))
peer.close()

began = time.monotonic()
peer, _ = comes()
verdict = peer.makefile("rb").read()
print(f"who is silent: {verdict} after {time.monotonic() - began:.1f} s")
peer.close()

began = time.monotonic()
peer, _ = comes()
peer.settimeout(0.1)
verdict = b""
for byte in frame(bytes(32)):
    peer.sendall(bytes([byte]))
    try:
        verdict = peer.recv(100)
        break
    except socket.timeout:
        pass
print(f"who dribbles: {verdict} after {time.monotonic() - began:.1f} s")
PYTHON

cargo build -q -p solution08
export LESSON08_SECRET='open sesame'
start server cargo run -q -p solution08 -- server --addr "$addr" --auth-timeout 1000
echo "# a server with --auth-timeout 1000 is running"
echo '$ cat strangers.py'
sed "s/9000/$port/" "$work/strangers.py"
echo '$ python3 strangers.py'
sed "s/9000/$port/" "$work/strangers.py" | python3 -
in_time has 3 ^disconnected server

echo
echo "# what the server printed"
cat "$work/server"
