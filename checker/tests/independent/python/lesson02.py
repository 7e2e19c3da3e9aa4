#!/usr/bin/env python3
"""Lesson 2, quit: blocking reads through makefile; a peer that went away is noticed in its turn."""

import argparse
import errno
import os
import socket
import sys

BRIEF = """\
Lesson 2: quit - a chat that ends

Messages are lines; the two sides take turns and the client speaks first. The word q (or Q)
alone on its line ends the chat, from either side; so does the end of stdin.

  terminal 1:  python3 lesson02.py server --addr 127.0.0.1:9000
  terminal 2:  python3 lesson02.py client --addr 127.0.0.1:9000

Grade: run the course's checker for lesson 2 on this program.
Chapter: lesson 2 of the course book.
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


def dial(addr):
    host, port, given = addr
    try:
        return socket.create_connection((host, port))
    except (OSError, UnicodeError) as e:
        raise Failure(f"cannot connect to {given}: {e}") from None


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


def leave(sock):
    """Close, after reading what is already there: unread bytes would turn the close into a reset."""
    try:
        sock.shutdown(socket.SHUT_WR)
        sock.setblocking(False)
        for _ in range(64):
            if not sock.recv(16384):
                break
    except OSError:
        pass
    sock.close()


def speak(sock):
    """Our turn. False when it was the last one."""
    line = typed()
    if line is None:
        line = b"Q"
    sock.sendall(line + b"\n")
    return not is_quit(line)


def hear(incoming):
    """The peer's turn. False when it was the last one."""
    raw = incoming.readline()
    line = chomp(raw)
    if not raw or is_quit(line):
        return False
    say(line)
    return True


def chat(sock, speak_first):
    try:
        with sock.makefile("rb") as incoming:
            if speak_first and not speak(sock):
                return
            while hear(incoming) and speak(sock):
                pass
    except OSError as e:
        print("the other side went away:", e, file=sys.stderr)
    finally:
        leave(sock)


def server(addr):
    with listen(addr) as listener:
        while True:
            try:
                sock, _ = listener.accept()
                break
            except ConnectionError:
                pass
    chat(sock, False)


def client(addr):
    chat(dial(addr), True)


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
