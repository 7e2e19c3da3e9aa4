#!/usr/bin/env python3
"""Lesson 1, hello: blocking sockets, a list of chunks joined at end-of-file."""

import argparse
import errno
import os
import socket
import sys

BRIEF = """\
Lesson 1: hello - send and receive

End-of-file ends a message; each direction carries one. The server sends `hello`, shuts down
its sending direction, reads to end-of-file and prints what came. The client reads to
end-of-file, prints it, and only then sends `byebye`.

  terminal 1:  python3 lesson01.py server --addr 127.0.0.1:9000
  terminal 2:  python3 lesson01.py client --addr 127.0.0.1:9000

Grade: run the course's checker for lesson 1 on this program.
Chapter: lesson 1 of the course book.
"""


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
                listener.listen()
                say("listening on " + show(listener.getsockname()))
                return listener
            except OSError as e:
                problem = e
                if e.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    break
    except (OSError, UnicodeError) as e:
        problem = e
    raise Failure(f"cannot listen on {given}: {problem}")


def read_message(sock):
    chunks = []
    while chunk := sock.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def server(addr):
    listener = listen(addr)
    while True:
        try:
            sock, peer = listener.accept()
            break
        except ConnectionError:
            pass
    listener.close()
    with sock:
        try:
            sock.sendall(b"hello")
            sock.shutdown(socket.SHUT_WR)
            say(read_message(sock))
        except OSError as e:
            print(f"{show(peer)} went away: {e}", file=sys.stderr)


def client(addr):
    host, port, given = addr
    try:
        sock = socket.create_connection((host, port))
    except (OSError, UnicodeError) as e:
        raise Failure(f"cannot connect to {given}: {e}") from None
    with sock:
        try:
            say(read_message(sock))
            sock.sendall(b"byebye")
        except OSError as e:
            print(f"{given} went away: {e}", file=sys.stderr)


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
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
