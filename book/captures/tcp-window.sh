#!/usr/bin/env bash
# A receiver that does not read: its window shrinks to nothing, and opens when it reads.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket
from wire import HOST, Wire, own_network, say, until

own_network()
# Without window scaling the header shows the true size; a small buffer keeps the capture short.
open("/proc/sys/net/ipv4/tcp_window_scaling", "w").write("0")
listening = socket.socket()
listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
listening.bind((HOST, 9000))
listening.listen()
client = socket.create_connection((HOST, 9000))
server, _ = listening.accept()
wire = Wire({9000: "server"}, relative=False)
client.setblocking(False)
say(f"client: send(20000 bytes) -> {client.send(bytes(20000))}")
wire.wait_for(6)
shut = len(wire.take())
unread = server.recv(100000)
until(lambda: any(w for _, line, w in wire.take()[shut:] if line.startswith("server")))
for at, (_, line, window) in enumerate(wire.take()):
    words = line.split()
    if at == shut:
        say(f"server: recv(100000) -> {len(unread)} bytes")
    if words[0] == "server":
        say(f"server -> client  ACK, window {window}")
        if at >= shut:
            break
    else:
        say("client -> server ", words[-1] if "data=" in line else "is your window still 0?")
PY
