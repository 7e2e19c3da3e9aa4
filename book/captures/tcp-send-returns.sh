#!/usr/bin/env bash
# send succeeds towards a program that never reads, and towards one that is gone.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import errno
from wire import connected, own_network, say, ss, states, table, until

own_network()
listening, client, server = connected()
client.setblocking(False)
taken = 0
try:
    while True:
        taken += client.send(bytes(65536))
except BlockingIOError:
    pass

def settled():
    global before
    now, before = before, [row for row in ss("-t")]
    return now == before

before = None
until(settled)
say(f"the server has read nothing; the client's sends took {taken} bytes, then: EAGAIN")
say("$ ss -tn")
table(ss("-t"))
client.close(), server.close(), listening.close()

listening, client, server = connected(9001)
server.close()
until(lambda: "CLOSE-WAIT" in states(9001))
say()
say("the server has closed its end and gone")
for _ in range(2):
    try:
        say(f"client: send(b'x') -> {client.send(b'x')}")
    except OSError as error:
        say(f"client: send(b'x') -> {errno.errorcode[error.errno]}: {error.strerror}")
    until(lambda: not any(":9001" in row for row in ss("-t")))
PY
