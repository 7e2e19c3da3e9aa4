# A program with one mistake, and the report of it. `one_failure FLAG…`: with these flags behind the command.

. book/captures/elsewhere.bash
cat > hello.py <<'PROGRAM'
import socket, sys, time

host, port = sys.argv[3].rsplit(":", 1)
listener = socket.create_server((host, int(port)))
print("listening on %s:%d" % listener.getsockname(), flush=True)
stream, client = listener.accept()
# Pauses, so that what is seen has one order.
time.sleep(0.1)
stream.sendall(b"hello\n")
time.sleep(0.1)
stream.shutdown(socket.SHUT_WR)
stream.recv(1)
PROGRAM

one_failure() {
    echo "\$ cargo grade 1 --program 'python3 hello.py' --check 'server/greets' --seed 7${*:+ $*}"
    grade 1 --program 'python3 hello.py' --check server/greets --seed 7 "$@" || true
}
