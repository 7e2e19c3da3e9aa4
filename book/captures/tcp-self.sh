#!/usr/bin/env bash
# A socket that connects to its own address: the one way to a simultaneous open on one machine
# that works every time. No listener anywhere.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket
from wire import HOST, Wire, own_network, say, ss, table

own_network()
wire = Wire({9000: "itself"})
alone = socket.socket()
alone.bind((HOST, 9000))
alone.connect((HOST, 9000))
wire.wait_for(2)
wire.show()
alone.sendall(b"hello, me")
say("received:", alone.recv(100).decode())
say("$ ss -tan")
table(ss("-ta"))
PY
