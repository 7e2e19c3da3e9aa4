#!/usr/bin/env bash
# The client closes; once the server thinks for a while before it closes too, once it does at once.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import threading
from wire import Wire, connected, own_network, say, states, until

own_network()
listening, client, server = connected()
wire = Wire({9000: "server"}, relative=False)
client.close()
wire.wait_for(2)
server.close()
wire.wait_for(4)
say("# the server waits before it closes: four segments")
for _, line, _ in wire.take():
    say("  ".join(line.split("  ")[:1] + [line.split()[3]]))

def close_at_the_end(server):
    server.recv(1)
    server.close()

# "At once" is up to the scheduler; a server that was too slow gets another chance.
for port in range(9001, 9030):
    listening, client, server = connected(port)
    wire = Wire({port: "server"}, relative=False)
    at_once = threading.Thread(target=close_at_the_end, args=[server])
    at_once.start()
    client.close()
    at_once.join()
    until(lambda: states(port) == ["LISTEN", "TIME-WAIT"])
    if len(wire.take()) == 3:
        break
say("# it closes at once: three")
for _, line, _ in wire.take():
    say("  ".join(line.split("  ")[:1] + [line.split()[3]]))
PY
