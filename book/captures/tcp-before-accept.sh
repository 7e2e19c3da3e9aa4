#!/usr/bin/env bash
# A client connects to a server that never calls accept, and talks to it.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket
from wire import HOST, listener, own_network, say, ss, table

own_network()
listening = listener(9000)
client = socket.create_connection((HOST, 9000))
say("connect returned; the server has not called accept")
client.sendall(b"good morning")
say("the client has sent 12 bytes")
say("$ ss -tan")
table(ss("-ta"))
PY
