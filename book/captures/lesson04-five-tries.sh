#!/usr/bin/env bash
# A client whose datagrams nobody answers: what comes, and when.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo "# terminal 1: a socket that listens and never answers"
python3 - <<'SILENT'
import socket, subprocess, time

silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 0))
addr = "127.0.0.1:%d" % silent.getsockname()[1]

command = ["cargo", "run", "-q", "-p", "solution04", "--", "client", "--addr", addr]
client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
client.stdin.write(b"hello\nworld\n")
client.stdin.close()

print("    ms  from              datagram")
begin = None
for _ in range(5):
    datagram, sender = silent.recvfrom(65535)
    now = time.monotonic()
    begin = begin or now
    print("%6d  %s:%d  %s" % ((now - begin) * 1000, *sender, datagram))
said = client.stdout.read().decode()
code = client.wait()

print()
print("# terminal 2: the client")
print(f"$ printf 'hello\\nworld\\n' | cargo run -q -p solution04 -- client --addr {addr}")
print(said, end="")
print("$ echo $?")
print(code)
SILENT
