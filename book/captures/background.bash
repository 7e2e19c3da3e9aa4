# What the captures of lessons 5 to 8 share: programs in the background, and an end to all of them.

work=$(mktemp -d)
background=()
trap 'kill "${background[@]}" 2> /dev/null || true; rm -rf "$work"' EXIT

# A free port, or the one that is asked for.
port=${PORT-$(python3 -c '
import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')}
addr=127.0.0.1:$port

within_5_s() {
    for _ in {1..100}; do
        if "$@"; then return; fi
        sleep 0.05
    done
    return 1
}

# start NAME COMMAND…: in the background, its output in $work/NAME, until it is ready.
start() {
    local name=$1
    shift
    : > "$work/$name"
    "$@" >> "$work/$name" 2>&1 &
    background+=($!)
    within_5_s grep -q '^listening on' "$work/$name"
}

# has N PATTERN NAME: so many lines of what NAME has printed match.
has() { test "$(grep -c "$2" "$work/$3")" -ge "$1"; }
