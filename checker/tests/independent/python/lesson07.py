#!/usr/bin/env python3
"""Lesson 7, non-blocking IO: a selectors loop for the server; the client types from a thread."""

import argparse
import errno
import os
import selectors
import socket
import sys
import threading
import time

BRIEF = """\
Lesson 7: non-blocking IO - many at once, one thread

One thread serves any number of clients at once and shouts back at each, line by line. The
client reads the keyboard and the socket at the same time.

  terminal 1:  python3 lesson07.py server --addr 127.0.0.1:9000
  terminal 2:  python3 lesson07.py client --addr 127.0.0.1:9000

Grade: run the course's checker for lesson 7 on this program.
Chapter: lesson 7 of the course book.
"""

LONGEST = 65536   # bytes of a line before its newline
CHUNK = 65536     # one read
OWED = 256 << 10  # a client that is owed so much is not read from
LINGER = 3.0      # seconds we wait for the end-of-file of a client that is finished


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


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.unread = bytearray()  # came, not yet answered
        self.owed = bytearray()    # answered, not yet sent
        self.more = False          # whole lines wait in unread until less is owed
        self.peer_eof = False
        self.finished = False      # no more lines are answered
        self.until = None          # we have shut down; when to stop waiting for end-of-file

    def interest(self):
        if self.finished:
            hearing = not self.owed
        else:
            hearing = not self.more and len(self.owed) < OWED
        hearing = hearing and not self.peer_eof
        return selectors.EVENT_READ * hearing | selectors.EVENT_WRITE * bool(self.owed)

    def read(self):
        data = self.sock.recv(CHUNK)
        if not data:
            self.peer_eof = True
        elif not self.finished:
            self.unread += data

    def line(self, line):
        if is_quit(line):
            self.finished = True
        else:
            self.owed += line.upper() + b"\n"

    def answer(self):
        """Answer what may be answered now."""
        at = 0
        self.more = False
        while not self.finished:
            if len(self.owed) >= OWED:
                self.more = True
                break
            end = self.unread.find(b"\n", at)
            if end < 0:
                break
            if end - at > LONGEST:
                self.finished = True
                break
            self.line(chomp(bytes(self.unread[at:end + 1])))
            at = end + 1
        del self.unread[:at]
        if not self.finished and not self.more:
            if len(self.unread) > LONGEST:
                self.finished = True
            elif self.peer_eof:
                if self.unread:
                    self.line(bytes(self.unread))
                self.finished = True
        if self.finished:
            self.unread.clear()

    def flush(self):
        while self.owed:
            try:
                sent = self.sock.send(self.owed)
            except BlockingIOError:
                return
            del self.owed[:sent]

    def advance(self, readable):
        """False when it is over."""
        try:
            if readable:
                self.read()
            self.answer()
            self.flush()
            while self.more and len(self.owed) < OWED:
                self.answer()
                self.flush()
            if self.finished and not self.owed:
                if self.peer_eof:
                    return False
                if self.until is None:
                    self.sock.shutdown(socket.SHUT_WR)
                    self.until = time.monotonic() + LINGER
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


class Server:
    def __init__(self, listener):
        self.listener = listener
        self.selector = selectors.DefaultSelector()
        self.leaving = set()
        self.deaf_until = None
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ)

    def accept(self):
        for _ in range(64):
            try:
                sock, _ = self.listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError as e:
                print("accept:", e, file=sys.stderr)
                self.selector.unregister(self.listener)
                self.deaf_until = time.monotonic() + 0.1
                return
            sock.setblocking(False)
            self.selector.register(sock, selectors.EVENT_READ, Client(sock))

    def drop(self, client):
        self.leaving.discard(client)
        self.selector.unregister(client.sock)
        client.sock.close()

    def sleep(self):
        moments = [client.until for client in self.leaving]
        if self.deaf_until is not None:
            moments.append(self.deaf_until)
        return max(min(moments) - time.monotonic(), 0) if moments else None

    def run(self):
        while True:
            for key, events in self.selector.select(self.sleep()):
                client = key.data
                if client is None:
                    self.accept()
                elif not client.advance(events & selectors.EVENT_READ):
                    self.drop(client)
                else:
                    if client.until is not None:
                        self.leaving.add(client)
                    if client.interest() != key.events:
                        self.selector.modify(client.sock, client.interest(), client)
            now = time.monotonic()
            for client in [c for c in self.leaving if c.until <= now]:
                self.drop(client)
            if self.deaf_until is not None and self.deaf_until <= now:
                self.deaf_until = None
                self.selector.register(self.listener, selectors.EVENT_READ)


def server(addr):
    Server(listen(addr)).run()


def send_typed(sock):
    try:
        while True:
            line = typed()
            if line is None:
                line = b"Q"
            sock.sendall(line + b"\n")
            if is_quit(line):
                return
    except OSError:
        pass  # the reading side sees the end


def client(addr):
    sock = dial(addr)
    threading.Thread(target=send_typed, args=(sock,), daemon=True).start()
    try:
        for raw in sock.makefile("rb"):
            say(chomp(raw))
    except OSError:
        pass
    os._exit(0)  # the other thread may be waiting for stdin


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
