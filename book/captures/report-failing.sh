#!/usr/bin/env bash
# A report in which one check fails. The program makes text of each piece that it reads.
# needs: jail full
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/elsewhere.bash
cat > hello.py <<'PROGRAM'
import socket, sys, time

host, port = sys.argv[3].rsplit(":", 1)
listener = socket.create_server((host, int(port)))
print("listening on %s:%d" % listener.getsockname(), flush=True)
stream, client = listener.accept()
time.sleep(0.1)  # so that what is seen has one order
stream.sendall(b"hello")
stream.shutdown(socket.SHUT_WR)
reply = ""
while piece := stream.recv(4096):
    reply += piece.decode(errors="replace")
print(reply)
PROGRAM

echo "\$ cargo grade 1 --program 'python3 hello.py' --check 'server/[lrg]*' --seed 7"
# Once more where the machine was so busy that the first step took a millisecond: `µs` is not `ms`.
for _ in 1 2 3; do
    code=0
    grade 1 --program 'python3 hello.py' --check 'server/[lrg]*' --seed 7 > report || code=$?
    if grep -q ' µs ' report; then break; fi
done
cat report
echo
echo '$ echo $?'
echo "$code"
