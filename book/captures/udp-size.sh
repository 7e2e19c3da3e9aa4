#!/usr/bin/env bash
# The largest datagram over IPv4, and one byte more.
exec python3 - <<'PY'
import errno, socket
server, client = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
server.bind(("127.0.0.1", 0))
server.settimeout(5)
for size in (65507, 65508):
    try:
        print(f"client: sendto({size} bytes) -> {client.sendto(bytes(size), server.getsockname())}")
    except OSError as error:
        print(f"client: sendto({size} bytes) -> {errno.errorcode[error.errno]}: {error.strerror}")
print(f"server: recv(100000) -> {len(server.recv(100000))} bytes")
PY
