#!/usr/bin/env bash
# The first of two segments is lost; a filter on the receiving socket drops it on its last inch.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket
from wire import Deaf, Wire, connected, own_network, say

own_network()
wire = Wire({9000: "server"})
listening, client, server = connected()
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
wire.wait_for(3)
with Deaf(server):
    client.send(b"Hello, ")
    wire.wait_for(4)
client.send(b"world")
wire.wait_for(8)
notes = ["is lost", "arrives behind a gap", "1 is still missing", "the first again", "has all before 13"]
for (_, line, _), note in zip(wire.take()[3:8], notes):
    say(f"{line:<52}  # {note}")
say(f"server: recv(100) -> {server.recv(100)!r}")
PY
