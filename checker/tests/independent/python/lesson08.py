#!/usr/bin/env python3
"""Lesson 8, client auth: a thread for each client, hmac and secrets from the library."""

import argparse
import errno
import hmac
import os
import secrets
import socket
import struct
import sys
import threading
import time

BRIEF = """\
Lesson 8: client auth - who may come in

Frames as in lesson 5. The server sends 32 random bytes; the client proves that it knows the
secret in LESSON08_SECRET by answering with their HMAC-SHA256. Then the server says `ok` and
shouts back frames; a client that cannot answer in time is denied.

  terminal 1:  LESSON08_SECRET=sesame python3 lesson08.py server --addr 127.0.0.1:9000
  terminal 2:  LESSON08_SECRET=sesame python3 lesson08.py client --addr 127.0.0.1:9000

Grade: run the course's checker for lesson 8 on this program.
Chapter: lesson 8 of the course book.
"""

LIMIT = 1 << 20

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


def milliseconds(text):
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) == 0:
        raise argparse.ArgumentTypeError("not a number of milliseconds: " + repr(text))
    return int(text)


def parse(argv):
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    roles = parser.add_subparsers(dest="role", required=True)
    for name in ("server", "client"):
        role = roles.add_parser(name, add_help=False, allow_abbrev=False)
        role.add_argument("--addr", type=address, default="127.0.0.1:9000", metavar="HOST:PORT")
        if name == "server":
            role.add_argument("--auth-timeout", type=milliseconds, default=2000, metavar="MS")
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


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


class Truncated(Exception):
    """End-of-file inside a frame."""


class TooLarge(Exception):
    """A frame over the limit."""


class Frames:
    """The frames that come from a socket, under one deadline when there is one."""

    def __init__(self, sock):
        self.sock = sock
        self.deadline = None

    def exactly(self, n):
        data = bytearray()
        while len(data) < n:
            if self.deadline is not None:
                left = self.deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError("too late")
                self.sock.settimeout(left)
            chunk = self.sock.recv(min(n - len(data), 65536))
            if not chunk:
                break
            data += chunk
        return bytes(data)

    def next(self):
        """A payload; None at end-of-file."""
        header = self.exactly(4)
        if not header:
            return None
        if len(header) < 4:
            raise Truncated
        (length,) = struct.unpack(">I", header)
        if length > LIMIT:
            raise TooLarge(length)
        payload = self.exactly(length)
        if len(payload) < length:
            raise Truncated
        return payload


def proof(secret, challenge):
    return hmac.new(secret, challenge, "sha256").digest()


def authenticate(sock, frames, secret, deadline):
    challenge = secrets.token_bytes(32)
    try:
        sock.sendall(frame(challenge))
        frames.deadline = deadline
        answer = frames.next()
        frames.deadline = None
        sock.settimeout(None)
        return answer is not None and hmac.compare_digest(answer, proof(secret, challenge))
    except (OSError, Truncated, TooLarge):
        return False


def serve_frames(sock, frames):
    try:
        while (payload := frames.next()) is not None:
            say(f"frame {len(payload)}")
            sock.sendall(frame(payload.upper()))
    except TooLarge as e:
        say(f"rejected {e}")
    except Truncated:
        say("truncated")


def serve(sock, peer, secret, deadline):
    peer = show(peer)
    say("connected " + peer)
    frames = Frames(sock)
    try:
        if authenticate(sock, frames, secret, deadline):
            sock.sendall(frame(b"ok"))
            say("authenticated " + peer)
            serve_frames(sock, frames)
        else:
            say("denied " + peer)
            sock.settimeout(1)
            sock.sendall(frame(b"denied"))
    except OSError:
        pass
    leave(sock)
    say("disconnected " + peer)


def server(addr, secret, timeout):
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
        deadline = time.monotonic() + timeout
        threading.Thread(target=serve, args=(sock, peer, secret, deadline), daemon=True).start()


def talk(sock, secret):
    frames = Frames(sock)
    challenge = frames.next()
    if challenge is None or len(challenge) != 32:
        raise Failure("the challenge is not 32 bytes long")
    sock.sendall(frame(proof(secret, challenge)))
    if frames.next() != b"ok":
        raise Failure("the server did not let us in")
    while sys.stdin and (raw := sys.stdin.buffer.readline()):
        line = chomp(raw)
        if is_quit(line):
            break
        if len(line) > LIMIT:
            raise Failure("a line is too long for a frame")
        sock.sendall(frame(line))
        answer = frames.next()
        if answer is None:
            raise Failure("the server went away")
        say(answer)


def client(addr, secret):
    sock = dial(addr)
    try:
        talk(sock, secret)
    except TooLarge as e:
        raise Failure(f"{addr[2]}: a frame of {e} bytes is over the limit") from None
    except Truncated:
        raise Failure(f"{addr[2]}: the connection ended inside a frame") from None
    except (Failure, OSError) as e:
        raise Failure(f"{addr[2]}: {e}") from None
    finally:
        leave(sock)


def main(argv):
    if not argv:
        print(BRIEF, end="")
        return 0
    args = parse(argv)
    try:
        secret = os.environb.get(b"LESSON08_SECRET")
        if not secret:
            raise Failure("LESSON08_SECRET is not set")
        if args.role == "server":
            server(args.addr, secret, args.auth_timeout / 1000)
        else:
            client(args.addr, secret)
    except Failure as e:
        print(e, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
