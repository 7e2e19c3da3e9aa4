#!/usr/bin/env bash
# Three submissions graded one after another, and a gradebook made of the reports.
set -euo pipefail
cd "$(dirname "$0")/../.."
. book/captures/elsewhere.bash
mkdir -p submissions/group-{1,2,3}
cat > submissions/group-1/hello.py <<'PROGRAM'
import socket, sys

host, port = sys.argv[3].rsplit(":", 1)
listener = socket.create_server((host, int(port)))
print("listening on %s:%d" % listener.getsockname(), flush=True)
stream, client = listener.accept()
stream.sendall(b"hello")
stream.shutdown(socket.SHUT_WR)
reply = b""
while piece := stream.recv(4096):
    reply += piece
print(reply.decode(errors="replace"))
PROGRAM
# Group 2 takes one read for the whole message, group 3 has a typing mistake.
sed 's/while piece := /if piece := /' submissions/group-1/hello.py > submissions/group-2/hello.py
sed 's/import socket/import sokcet/' submissions/group-1/hello.py > submissions/group-3/hello.py

cat > grade-all.sh <<'SCRIPT'
for folder in submissions/*; do
    cargo grade 1 --program "python3 $folder/hello.py" --seed 7 \
        --check 'server/[gl]*' --check 'server/reads*' \
        --format json --output "$folder.json"
    echo "$folder: exit code $?"
done
SCRIPT
cat > gradebook.py <<'SCRIPT'
import json, pathlib

for path in sorted(pathlib.Path("submissions").glob("*.json")):
    report = json.loads(path.read_text())
    lesson = report["lessons"][0]
    score = "ask again" if lesson["status"] == "broken" else lesson["passed"]
    wrong = [c["id"] for c in lesson["checks"] if c["status"] == "failed"]
    print(path.stem, score, "of", lesson["total"], *wrong, sep=",")
SCRIPT

echo '$ cat grade-all.sh'
cat grade-all.sh
cargo() { shift; grade "$@"; }
echo '$ bash grade-all.sh'
( set +e; . ./grade-all.sh )
echo '$ cat gradebook.py'
cat gradebook.py
echo '$ python3 gradebook.py'
python3 gradebook.py
