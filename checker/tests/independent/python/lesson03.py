#!/usr/bin/env python3
"""Lesson 3, serial: a thread for each client, and a line reader of its own over recv."""

import argparse
import errno
import os
import socket
import sys
import threading
import time

BRIEF = """\
Lesson 3: serial - one client after another

The server serves clients for ever: it prints each line and answers with the line in upper
case, until the client says q or goes away. The client sends what you type and prints the
answers, one at a time.

  terminal 1:  python3 lesson03.py server --addr 127.0.0.1:9000
  terminal 2:  python3 lesson03.py client --addr 127.0.0.1:9000

Grade: run the course's checker for lesson 3 on this program.
Chapter: lesson 3 of the course book.
"""

printing = threading.Lock()


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
        with printing:
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
                listener.listen(128)
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


def lines(sock):
    """The lines that come from a socket; one ended by end-of-file too."""
    rest = bytearray()
    while chunk := sock.recv(8192):
        seen = len(rest)
        rest += chunk
        while (end := rest.find(b"\n", seen)) >= 0:
            yield chomp(bytes(rest[:end + 1]))
            del rest[:end + 1]
            seen = 0
    if rest:
        yield bytes(rest)


def serve(sock, peer):
    say("connected " + show(peer))
    try:
        for line in lines(sock):
            if is_quit(line):
                break
            say(line)
            sock.sendall(line.upper() + b"\n")
    except OSError:
        pass
    leave(sock)
    say("disconnected " + show(peer))


def server(addr):
    listener = listen(addr)
    while True:
        try:
            sock, peer = listener.accept()
        except ConnectionError:
            continue
        except OSError as e:
            print("accept:", e, file=sys.stderr)
            time.sleep(0.1)
            continue
        threading.Thread(target=serve, args=(sock, peer), daemon=True).start()


def client(addr):
    sock = dial(addr)
    answers = lines(sock)
    try:
        while True:
            line = typed()
            if line is None:
                line = b"Q"
            sock.sendall(line + b"\n")
            if is_quit(line):
                break
            answer = next(answers, None)
            if answer is None:
                break
            say(answer)
    except OSError as e:
        print(f"{addr[2]} went away: {e}", file=sys.stderr)
    finally:
        leave(sock)


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
