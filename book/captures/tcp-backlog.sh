#!/usr/bin/env bash
# listen with a backlog of 2, and four clients that come while nobody accepts.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket
from wire import HOST, listener, own_network, say, ss, table, until

def row_of(port):
    return [row for row in ss("-ta") if f"{HOST}:{port} {HOST}:9000" in row]

own_network()
listening = listener(9000, backlog=2)
clients = []
for port in range(9001, 9005):
    client = socket.socket()
    client.bind((HOST, port))
    client.setblocking(False)
    client.connect_ex((HOST, 9000))
    clients.append(client)
    until(lambda: row_of(port))
say("listen(2), four clients, no accept")
say("$ ss -tan")
table(ss("-ta"))

first, _ = listening.accept()
until(lambda: row_of(9004)[0].startswith("ESTAB"), 8)
say()
say("one accept later, once the fourth client has asked again")
say("$ ss -tan")
table(ss("-ta"))
PY
