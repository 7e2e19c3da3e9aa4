#!/usr/bin/env python3
"""Lesson 5, framing: an asyncio server, and a client whose sending thread overlaps its reading."""

import argparse
import asyncio
import errno
import os
import socket
import struct
import sys
import threading

BRIEF = """\
Lesson 5: framing - sticky packets

A frame is a 4-byte big-endian length N (at most 1 MiB) and then N bytes. The server answers
each frame with a frame of its text in upper case. The client sends each line as a frame and
prints each answer.

  terminal 1:  python3 lesson05.py server --addr 127.0.0.1:9000
  terminal 2:  python3 lesson05.py client --addr 127.0.0.1:9000

Grade: run the course's checker for lesson 5 on this program.
Chapter: lesson 5 of the course book.
"""

LIMIT = 1 << 20


class Failure(Exception):
    """What the user is told on stderr."""


def address(text):
    """HOST:PORT, or [IPV6]:PORT."""
    host, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
        raise argparse.ArgumentTypeError("not HOST:PORT: " + repr(text))
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        try:
            socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
        except (OSError, ValueError):
            raise argparse.ArgumentTypeError("not an IPv6 address: " + repr(host)) from None
    elif not host or any(c in host for c in ":[]"):
        raise argparse.ArgumentTypeError("not HOST:PORT: " + repr(text))
    return host, int(port), text


def parse(argv):
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    roles = parser.add_subparsers(dest="role", required=True)
    for name in ("server", "client"):
        role = roles.add_parser(name, add_help=False, allow_abbrev=False)
        role.add_argument("--addr", type=address, default="127.0.0.1:9000", metavar="HOST:PORT")
    return parser.parse_args(argv)


def show(addr):
    host, port = addr[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def say(text):
    """Print one line: bytes from the other side, or a text of our own."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    try:
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()
    except (OSError, AttributeError):
        os._exit(1)


def listen(addr):
    host, port, given = addr
    problem = None
    try:
        for family, kind, proto, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                listener = socket.socket(family, kind, proto)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(where)
                listener.listen(256)
                say("listening on " + show(listener.getsockname()))
                return listener
            except OSError as e:
                problem = e
                if e.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    break
    except (OSError, UnicodeError) as e:
        problem = e
    raise Failure(f"cannot listen on {given}: {problem}")


def dial(addr):
    host, port, given = addr
    try:
        return socket.create_connection((host, port))
    except (OSError, UnicodeError) as e:
        raise Failure(f"cannot connect to {given}: {e}") from None


def chomp(raw):
    """A line without its ending."""
    if not raw.endswith(b"\n"):
        return raw
    return raw[:-2] if raw.endswith(b"\r\n") else raw[:-1]


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


async def serve(reader, writer):
    peer = show(writer.get_extra_info("peername"))
    say("connected " + peer)
    try:
        while True:
            (length,) = struct.unpack(">I", await reader.readexactly(4))
            if length > LIMIT:
                say(f"rejected {length}")
                break
            payload = await reader.readexactly(length)
            say(f"frame {length}")
            writer.write(frame(payload.upper()))
            await writer.drain()
    except asyncio.IncompleteReadError as e:
        if e.partial or e.expected != 4:
            say("truncated")
    except OSError:
        pass
    try:
        writer.close()
        await writer.wait_closed()
    except OSError:
        pass
    say("disconnected " + peer)


async def serve_all(listener):
    async with await asyncio.start_server(serve, sock=listener, backlog=256) as running:
        await running.serve_forever()


def server(addr):
    asyncio.run(serve_all(listen(addr)))


def give_up(message):
    """From any thread, even while another one waits for stdin."""
    print(message, file=sys.stderr, flush=True)
    os._exit(1)


def send_lines(sock, given):
    try:
        while sys.stdin and (raw := sys.stdin.buffer.readline(LIMIT + 2)):
            line = chomp(raw)
            if len(line) > LIMIT:
                give_up(f"{given}: a line is too long for a frame")
            sock.sendall(frame(line))
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the reading side finds out what there is to know


def recv_exact(sock, n):
    """n bytes, or fewer at end-of-file."""
    data = bytearray()
    while len(data) < n and (chunk := sock.recv(min(n - len(data), 65536))):
        data += chunk
    return bytes(data)


def client(addr):
    given = addr[2]
    sock = dial(addr)
    sender = threading.Thread(target=send_lines, args=(sock, given), daemon=True)
    sender.start()
    inside = False
    try:
        while header := recv_exact(sock, 4):
            inside = True
            length = struct.unpack(">I", header)[0] if len(header) == 4 else 0
            if length > LIMIT:
                give_up(f"{given}: an answer of {length} bytes is over the limit")
            payload = recv_exact(sock, length)
            if len(header) < 4 or len(payload) < length:
                give_up(f"{given}: the connection ended inside an answer")
            say(payload)
            inside = False
    except OSError as e:
        if inside:
            give_up(f"{given}: {e}")
    sender.join()
    sock.close()


def main(argv):
    if not argv:
        print(BRIEF, end="")
        return 0
    args = parse(argv)
    try:
        (server if args.role == "server" else client)(args.addr)
    except Failure as e:
        print(e, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        os._exit(130)  # no farewell to a thread that waits for stdin
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
