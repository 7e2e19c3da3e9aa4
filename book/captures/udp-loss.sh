#!/usr/bin/env bash
# A thousand datagrams to a program that is busy elsewhere. Every send succeeds.
exec python3 - <<'PY'
import socket
server, client = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
server.bind(("127.0.0.1", 0))
taken = sum(client.sendto(bytes(1000), server.getsockname()) == 1000 for _ in range(1000))
print(f"client: {taken} datagrams of 1000 bytes, each send returned 1000")
server.setblocking(False)
arrived = 0
try:
    while server.recv(2000):
        arrived += 1
except BlockingIOError:
    pass
print(f"server: {arrived} were there; of the others nobody was told")
PY
