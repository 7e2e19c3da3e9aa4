#!/usr/bin/env bash
# A datagram to a port where nobody is; from a socket that is connected, and from one that is not.
# And what a connected socket does not hear.
exec python3 - <<'PY'
import errno, socket

def udp():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(0.3)
    return sock

def result(call):
    try:
        return repr(call())
    except TimeoutError:
        return "nothing for 300 ms"
    except OSError as error:
        return f"{errno.errorcode[error.errno]}: {error.strerror}"

nobody = udp()
address = nobody.getsockname()
nobody.close()

client = udp()
print("# not connected")
print("sendto(b'hello') ->", result(lambda: client.sendto(b"hello", address)))
print("recv(100)        ->", result(lambda: client.recv(100)))
print("# connected")
client.connect(address)
print("send(b'hello')   ->", result(lambda: client.send(b"hello")))
print("recv(100)        ->", result(lambda: client.recv(100)))
print("send(b'again')   ->", result(lambda: client.send(b"again")))
print("send(b'again')   ->", result(lambda: client.send(b"again")))

server, stranger = udp(), udp()
client = udp()
client.connect(server.getsockname())
stranger.sendto(b"from a stranger", client.getsockname())
server.sendto(b"from the server", client.getsockname())
print("# connected to the server; a stranger writes first, then the server")
print("recv(100)        ->", result(lambda: client.recv(100)))
print("recv(100)        ->", result(lambda: client.recv(100)))
PY
