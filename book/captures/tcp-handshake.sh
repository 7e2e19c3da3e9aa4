#!/usr/bin/env bash
# The three segments of a handshake with their real sequence numbers, and the same, counted from
# each side's first one.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import socket
from wire import HOST, Wire, listener, own_network, say

own_network()
listening = listener(9000)
while True:
    wire = Wire({9000: "server"}, relative=False)
    client = socket.create_connection((HOST, 9000))
    wire.wait_for(3)
    # Both first numbers should have ten digits, so that the lines have one shape from run to run.
    if min(wire.raw) > 1_000_000_000:
        break
    client.close()
    listening.accept()[0].close()

say("# as it was on the wire")
wire.show()
counted = Wire({9000: "server"})
another = socket.create_connection((HOST, 9000))
counted.wait_for(3)
say("# another one, each side counted from its first number")
counted.show()
PY
