# What captures of two programs share: a free port, programs in the background, and an end to all of them.

work=$(mktemp -d)
background=()
trap 'kill "${background[@]}" 2> /dev/null || true; wait; rm -rf "$work"' EXIT

# A free port that no connection of the last minute knows, so that `ss` shows ours alone.
free_port() {
    while
        port=$(python3 -c '
import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
        [ -n "$(ss -tanH "sport = :$port or dport = :$port")" ]
    do :; done
    echo "$port"
}

# Or the one that is asked for: `PORT=9000 cargo run -p book-check -- captures --write NAME`.
port=${PORT-$(free_port)}
addr=127.0.0.1:$port

in_time() {
    for _ in {1..400}; do
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
    in_time grep -q '^listening on' "$work/$name"
}

# has N PATTERN NAME: so many lines of what NAME has printed match.
has() { test "$(grep -c "$2" "$work/$3")" -ge "$1"; }
