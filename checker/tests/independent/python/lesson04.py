#!/usr/bin/env python3
"""Lesson 4, UDP: one unconnected socket; the client compares every sender itself."""

import argparse
import os
import select
import socket
import sys
import time

BRIEF = """\
Lesson 4: UDP - datagrams

The server prints each datagram and sends it back in upper case. The client numbers its lines,
sends each as one datagram `NUMBER TEXT`, and sends it again (five times in all) when no
answer comes within 200 ms.

  terminal 1:  python3 lesson04.py server --addr 127.0.0.1:9000
  terminal 2:  python3 lesson04.py client --addr 127.0.0.1:9000

Grade: run the course's checker for lesson 4 on this program.
Chapter: lesson 4 of the course book.
"""

TRIES = 5
WAIT = 0.2
LARGEST = 65536


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


WHITE = b" \t\r"


def is_quit(line):
    return line.strip(WHITE) in (b"q", b"Q")


def chomp(raw):
    """A line without its ending."""
    if not raw.endswith(b"\n"):
        return raw
    return raw[:-2] if raw.endswith(b"\r\n") else raw[:-1]


def typed():
    """The next line of stdin that is not blank; None at the end."""
    while sys.stdin and (raw := sys.stdin.buffer.readline()):
        line = chomp(raw)
        if line.strip(WHITE):
            return line
    return None


def resolve(addr):
    host, port, given = addr
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except (OSError, UnicodeError) as e:
        raise Failure(f"{given}: {e}") from None


def server(addr):
    family, kind, proto, _, where = resolve(addr)
    try:
        sock = socket.socket(family, kind, proto)
        sock.bind(where)
    except OSError as e:
        raise Failure(f"cannot listen on {addr[2]}: {e}") from None
    say("listening on " + show(sock.getsockname()))
    while True:
        try:
            datagram, sender = sock.recvfrom(LARGEST)
        except ConnectionError:
            continue
        say(datagram)
        try:
            sock.sendto(datagram.upper(), sender)
        except OSError as e:
            print(f"{show(sender)} gets no answer: {e}", file=sys.stderr)


def answer(sock, server_address, prefix, deadline):
    """What came behind the prefix from the server before the deadline, or None."""
    while True:
        left = deadline - time.monotonic()
        if not select.select([sock], [], [], max(left, 0))[0]:
            return None
        try:
            datagram, sender = sock.recvfrom(LARGEST)
        except OSError:
            datagram, sender = b"", None
        if sender == server_address and datagram.startswith(prefix):
            return datagram[len(prefix):]
        if left <= 0:
            return None


def ask(sock, server_address, number, line):
    prefix = b"%d " % number
    for _ in range(TRIES):
        try:
            sock.sendto(prefix + line, server_address)
        except ConnectionRefusedError:
            pass
        found = answer(sock, server_address, prefix, time.monotonic() + WAIT)
        if found is not None:
            return found
    raise Failure(f"no answer after {TRIES} tries")


def client(addr):
    family, kind, proto, _, where = resolve(addr)
    number = 0
    try:
        with socket.socket(family, kind, proto) as sock:
            while (line := typed()) is not None and not is_quit(line):
                number += 1
                say(ask(sock, where, number, line))
    except (OSError, Failure) as e:
        raise Failure(f"{addr[2]}: {e}") from None


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
