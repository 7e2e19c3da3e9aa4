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

listening, client, server = connected(9001)
wire = Wire({9001: "server"}, relative=False)

def close_at_the_end():
    server.recv(1)
    server.close()

at_once = threading.Thread(target=close_at_the_end)
at_once.start()
client.close()
at_once.join()
until(lambda: states(9001) == ["LISTEN", "TIME-WAIT"])
say("# it closes at once: three" if len(wire.take()) == 3 else "# it was slow this time")
for _, line, _ in wire.take():
    say("  ".join(line.split("  ")[:1] + [line.split()[3]]))
PY
