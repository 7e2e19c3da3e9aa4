#!/usr/bin/env bash
# One send, one receive: datagrams are neither glued nor cut, and may be empty.
exec python3 - <<'PY'
import socket
server, client = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
server.bind(("127.0.0.1", 0))
server.settimeout(5)
for word in (b"one", b"", b"three"):
    print(f"client: sendto({word!r}) -> {client.sendto(word, server.getsockname())}")
for _ in range(3):
    print(f"server: recvfrom(100) -> {server.recvfrom(100)[0]!r}")
PY
