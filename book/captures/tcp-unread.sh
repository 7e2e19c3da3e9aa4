#!/usr/bin/env bash
# Two servers that answer "bye" and close. One has read the request, the other has not.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import errno
from wire import Wire, connected, own_network, say, ss, until

own_network()
for port, reads in [(9000, True), (9001, False)]:
    say("# the server reads, answers, closes" if reads else "# the server answers and closes, unread bytes in hand")
    listening, client, server = connected(port)
    wire = Wire({port: "server"}, relative=False)
    client.sendall(b"request")
    until(lambda: any(row.split()[1] == "7" and f":{port}" in row.split()[3] for row in ss("-t")))
    if reads:
        server.recv(100)
    server.sendall(b"bye")
    server.close()
    until(lambda: any("FIN" in line or "RST" in line for _, line, _ in wire.take()))
    for _, line, _ in wire.take():
        words = line.split()
        if words[0] == "server" and words[3] != "ACK" or "data=" in line:
            say(f"{words[0]} -> {words[2]}  {words[3]}" + (f"  {words[-1]}" if "data=" in line else ""))
    for _ in range(2):
        try:
            say(f"client: recv(100) -> {client.recv(100)!r}")
        except OSError as error:
            say(f"client: recv(100) -> {errno.errorcode[error.errno]}: {error.strerror}")
    client.close()
PY
