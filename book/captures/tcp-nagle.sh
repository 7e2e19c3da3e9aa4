#!/usr/bin/env bash
# A request in two small writes, answered when it is whole: with Nagle's algorithm and without.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket, threading, time
from wire import Wire, connected, own_network, say

def answer(server):
    while True:
        got = b""
        while len(got) < 8:
            piece = server.recv(8 - len(got))
            if not piece:
                return
            got += piece
        server.send(b"answer")

own_network()
for port, (option, nodelay) in enumerate([("TCP_NODELAY off", 0), ("TCP_NODELAY on", 1)], 9000):
    listening, client, server = connected(port)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
    threading.Thread(target=answer, args=[server]).start()

    def ask():
        client.send(b"head")
        client.send(b"body")
        client.recv(100)

    # Linux acknowledges at once while a connection is young.
    for _ in range(20):
        ask()
    wire = Wire({port: "server"}, relative=False)
    ask()
    time.sleep(0.05)
    rows = wire.take()
    say(f"# {option}")
    for at, line, _ in rows:
        if line.split()[0] == "client" and "data=" not in line:
            continue
        words = line.split()
        say(f"{at - rows[0][0]:.3f} s  {words[0]} -> {words[2]}  {words[-1] if 'data=' in line else 'ACK'}")
        if words[0] == "server" and "data=" in line:
            break
    client.close()
PY
