#!/usr/bin/env bash
# shutdown(SHUT_WR), and what the other direction still carries.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket
from wire import connected, own_network, say, ss, states, table, until

own_network()
listening, client, server = connected()
listening.close()
client.sendall(b"question")
client.shutdown(socket.SHUT_WR)
say("client: send(b'question'), shutdown(SHUT_WR)")
say(f"server: recv(100) -> {server.recv(100)!r}")
say(f"server: recv(100) -> {server.recv(100)!r}")
until(lambda: states(9000) == ["CLOSE-WAIT", "FIN-WAIT-2"])
say("$ ss -tan")
table(ss("-ta"))
server.sendall(b"answer")
say("server: send(b'answer')")
say(f"client: recv(100) -> {client.recv(100)!r}")
server.close()
say("server: close()")
say(f"client: recv(100) -> {client.recv(100)!r}")
PY
