#!/usr/bin/env bash
# Every common error of the socket calls, brought about on purpose.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import errno, resource, socket, struct, subprocess
from wire import HOST, connected, listener, own_network, say, states, until

own_network()

def tcp():
    return socket.socket()

def udp():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

def provoke(what, call):
    try:
        say(f"{what:<44} fine: {call()!r}")
    except OSError as error:
        say(f"{what:<44} {errno.errorcode[error.errno]} ({error.errno})")

running = listener(9000)
provoke("bind to a port that is taken", lambda: tcp().bind((HOST, 9000)))
provoke("bind to an address of another machine", lambda: tcp().bind(("192.0.2.1", 9000)))
provoke("connect where nobody listens", lambda: tcp().connect((HOST, 9001)))
provoke("connect where no route leads", lambda: tcp().connect(("192.0.2.1", 9000)))

subprocess.run("ip route add 192.0.2.1 dev lo src 127.0.0.1".split(), check=True)
silent = tcp()
silent.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 500)
provoke("connect where nothing comes back", lambda: silent.connect(("192.0.2.1", 9000)))

waiting = tcp()
waiting.setblocking(False)
provoke("connect, non-blocking", lambda: waiting.connect(("192.0.2.1", 9000)))
running.setblocking(False)
provoke("accept, non-blocking, nobody there", lambda: running.accept())
listening, client, server = connected(9002)
client.setblocking(False)
provoke("recv, non-blocking, nothing there", lambda: client.recv(1))
provoke("connect, when it is connected", lambda: client.connect((HOST, 9002)))
provoke("recv, before connect", lambda: tcp().recv(1))
provoke("accept, before listen", lambda: tcp().accept())
provoke("send on UDP, no address given", lambda: udp().send(b"x"))
provoke("sendto of 65508 bytes on UDP", lambda: udp().sendto(bytes(65508), (HOST, 9000)))

client.setblocking(True)
server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
server.close()
until(lambda: states(9002) == ["LISTEN"])
provoke("recv, after the peer's reset", lambda: client.recv(1))
provoke("send, after the peer's reset was told", lambda: client.send(b"x"))

closed = tcp()
number = closed.fileno()
closed.close()
provoke("a descriptor that is closed", lambda: socket.socket(fileno=number))
with open("/dev/null") as file:
    provoke("a descriptor that is a file", lambda: socket.socket(fileno=file.fileno()))
resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))
provoke("socket, no descriptor left", tcp)
PY
