#!/usr/bin/env bash
# Whose is TIME-WAIT? Once the client closes first, once the server, once both at the same time,
# and once there is a reset.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket, struct
from wire import Deaf, connected, own_network, say, ss, states, table, until

def both_closed(what, port, expect):
    until(lambda: states(port) == expect)
    say(f"# {what}")
    mine = lambda: [row for row in ss("-tao") if f":{port}" in row]
    # ss says "1min" in the very first moment.
    until(lambda: not any("min" in row for row in mine()))
    table(mine(), "State Recv-Q Send-Q Local Peer Timer") if mine() else say("nothing is left")

own_network()
say("the server's port is the lower one of each pair, 9000 to 9006")
for port, what in [(9000, "the client closed first"), (9002, "the server closed first")]:
    listening, client, server = connected(port, port + 1)
    listening.close()
    first, second = (client, server) if port == 9000 else (server, client)
    first.close()
    until(lambda: "CLOSE-WAIT" in states(port))
    second.close()
    both_closed(what, port, ["TIME-WAIT"])

listening, client, server = connected(9004, 9005)
listening.close()
# Both FINs leave before either arrives: they are lost once, and sent again.
with Deaf(client), Deaf(server):
    client.shutdown(socket.SHUT_WR)
    server.shutdown(socket.SHUT_WR)
client.close()
server.close()
both_closed("both closed at the same time", 9004, ["TIME-WAIT", "TIME-WAIT"])

listening, client, server = connected(9006, 9007)
listening.close()
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
client.close()
server.close()
both_closed("the client reset (SO_LINGER of 0 seconds)", 9006, [])
PY
