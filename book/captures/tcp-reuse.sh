#!/usr/bin/env bash
# A server that closed first starts again while its connection is in TIME-WAIT.
cd "$(dirname "$0")" || exit
exec unshare --user --map-root-user --net python3 - <<'PY'
import errno
from wire import connected, listener, own_network, say, ss, states, table, until

def try_to_listen(what, reuse):
    try:
        listening = listener(9000, reuse=reuse)
        say(f"{what}: bind and listen succeed")
        return listening
    except OSError as error:
        say(f"{what}: {errno.errorcode[error.errno]}: {error.strerror}")

own_network()
listening, client, server = connected()
server.close()
until(lambda: "CLOSE-WAIT" in states(9000))
client.close()
listening.close()
until(lambda: states(9000) == ["TIME-WAIT"])
say("$ ss -tan")
table(ss("-ta"))
try_to_listen("without SO_REUSEADDR", False)
running = try_to_listen("with SO_REUSEADDR", True)
try_to_listen("a second server, with SO_REUSEADDR", True)
PY
