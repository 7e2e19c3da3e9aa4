#!/usr/bin/env bash
# Three sends and one receive; then eight bytes, and receives that ask for three; with Nagle's
# algorithm switched off, so that nobody can blame it.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket
from wire import Wire, connected, own_network, say

own_network()
listening, client, server = connected()
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
wire = Wire({9000: "server"}, relative=False)
for word in (b"one", b"two", b"three"):
    say(f"client: send({word!r}) -> {client.send(word)}")
wire.wait_for(6)
say("on the wire:")
for _, line, _ in wire.take():
    if "data=" in line:
        say("   ", line.split("  ")[0].strip(), line.split("  ")[-1])
say(f"server: recv(100) -> {server.recv(100)!r}")

say(f"client: send(b'12345678') -> {client.send(b'12345678')}")
for _ in range(3):
    say(f"server: recv(3) -> {server.recv(3)!r}")
PY
