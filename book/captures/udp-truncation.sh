#!/usr/bin/env bash
# A datagram that is longer than the buffer: its end is gone. Linux can be asked to tell.
exec python3 - <<'PY'
import socket
server, client = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
server.bind(("127.0.0.1", 0))
server.settimeout(5)
for word in (b"0123456789", b"next", b"0123456789", b"next"):
    client.sendto(word, server.getsockname())
print(f"server: recv(4) -> {server.recv(4)!r}")
print(f"server: recv(100) -> {server.recv(100)!r}")
data, _, flags, _ = server.recvmsg(4)
print(f"server: recvmsg(4) -> {data!r}, flags: {'MSG_TRUNC' if flags & socket.MSG_TRUNC else 'none'}")
data, _, flags, _ = server.recvmsg(100)
print(f"server: recvmsg(100) -> {data!r}, flags: {'MSG_TRUNC' if flags & socket.MSG_TRUNC else 'none'}")
PY
