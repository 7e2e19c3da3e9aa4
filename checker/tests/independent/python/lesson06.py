#!/usr/bin/env python3
"""Lesson 6, AF_UNIX: one client after another; the signal handler itself removes the socket file."""

import argparse
import os
import signal
import socket
import stat
import struct
import sys
import time

BRIEF = """\
Lesson 6: AF_UNIX - talking on one machine

As lesson 3, over a socket file that only its owner may use. The kernel tells the server who
the client is, and the server greets it with `hello pid=P uid=U`. SIGTERM and SIGINT remove
the file.

  terminal 1:  python3 lesson06.py server --path /tmp/lesson06.sock
  terminal 2:  python3 lesson06.py client --path /tmp/lesson06.sock

Grade: run the course's checker for lesson 6 on this program.
Chapter: lesson 6 of the course book.
"""

SIGNALS = {signal.SIGTERM, signal.SIGINT}


class Failure(Exception):
    """What the user is told on stderr."""


def path(text):
    if not text:
        raise argparse.ArgumentTypeError("an empty path")
    return text


def parse(argv):
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    roles = parser.add_subparsers(dest="role", required=True)
    for name in ("server", "client"):
        role = roles.add_parser(name, add_help=False, allow_abbrev=False)
        role.add_argument("--path", type=path, default="/tmp/lesson06.sock")
    return parser.parse_args(argv)


def say(text):
    """Print one line: bytes from the other side, or a text of our own."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
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


class SocketFile:
    """The listening socket and its file, which a signal removes again."""

    def __init__(self, where):
        self.where = where
        self.identity = None
        for number in SIGNALS:
            signal.signal(number, self.stop)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self.socket = self.bind()
            self.identity = self.look()
        except OSError as e:
            raise Failure(f"cannot listen on {where}: {e}") from None
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        self.socket.listen(128)

    def look(self):
        seen = os.lstat(self.where)
        return seen.st_dev, seen.st_ino

    def stop(self, number, stack):
        try:
            if self.identity and self.look() == self.identity:
                os.unlink(self.where)
        except OSError:
            pass
        os._exit(0)

    def bind(self):
        self.clear()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        old = os.umask(0o177)
        try:
            sock.bind(self.where)
        finally:
            os.umask(old)
        return sock

    def clear(self):
        """Make way, if what stands there is a socket that no one listens on."""
        try:
            mode = os.lstat(self.where).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            raise Failure(f"{self.where} is not a socket; left as it is")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            try:
                probe.connect(self.where)
            except ConnectionRefusedError:
                os.unlink(self.where)
                return
            except FileNotFoundError:
                return
            except BlockingIOError:
                pass  # someone listens, and is busy
        raise Failure(f"a server is listening on {self.where}")


def serve(sock):
    pid, uid, _ = struct.unpack("iII", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    who = f"pid={pid} uid={uid}"
    say("connected " + who)
    try:
        with sock.makefile("rb") as incoming:
            sock.sendall(f"hello {who}\n".encode())
            for raw in incoming:
                line = chomp(raw)
                if is_quit(line):
                    break
                say(line)
                sock.sendall(line.upper() + b"\n")
    except OSError:
        pass
    leave(sock)
    say("disconnected " + who)


def server(where):
    listener = SocketFile(where).socket
    say("listening on " + where)
    while True:
        try:
            sock, _ = listener.accept()
        except OSError as e:
            print("accept:", e, file=sys.stderr)
            time.sleep(0.1)
            continue
        serve(sock)


def client(where):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(where)
    except OSError as e:
        raise Failure(f"cannot connect to {where}: {e}") from None
    try:
        with sock.makefile("rb") as incoming:
            for raw in incoming:
                say(chomp(raw))
                line = typed()
                if line is None:
                    line = b"Q"
                sock.sendall(line + b"\n")
                if is_quit(line):
                    break
    except OSError as e:
        print(f"{where}: the server went away: {e}", file=sys.stderr)
    finally:
        leave(sock)


def main(argv):
    if not argv:
        print(BRIEF, end="")
        return 0
    args = parse(argv)
    try:
        (server if args.role == "server" else client)(args.path)
    except Failure as e:
        print(e, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
