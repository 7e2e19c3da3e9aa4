"""What the capture scripts of the TCP and UDP chapters share.

`Wire` watches the loopback device and tells segments apart as RFC 9293 writes them; `ss` asks the
kernel for its table of sockets. A script that uses either runs in a network namespace of its own
(`unshare --user --map-root-user --net`): it needs no privilege there, every port is free, and
nobody else's segments get into the picture.
"""

import re
import socket
import struct
import subprocess
import sys
import time

HOST = "127.0.0.1"
FLAGS = [(0x02, "SYN"), (0x01, "FIN"), (0x04, "RST"), (0x08, "PSH"), (0x10, "ACK")]
SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_TIMESTAMPNS = 26, 27, 35


def own_network():
    """Brings up the loopback device of a fresh namespace; ends the script without one."""
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        sys.exit("no network of its own")


def say(*words):
    print(*words, flush=True)


def until(happened, seconds=5.0):
    """Waits for an event that can only be looked for."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            sys.exit("the event did not come")
        time.sleep(0.002)


class Wire:
    """Sees each segment on `lo` once, as it leaves."""

    def __init__(self, names, relative=True):
        self.names = names  # port -> name; a port that is not named is the client's
        self.relative = relative
        self.first = {}  # (address, port) of a sender and its peer -> initial sequence number
        self.seen = []
        self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        self.tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.tap.bind(("lo", 0))
        self.tap.settimeout(0.02)

    def take(self):
        """Takes in what has been on the wire since the last time."""
        while True:
            try:
                frame, notes, _, about = self.tap.recvmsg(70000, 100)
            except TimeoutError:
                return self.seen
            seconds, nanos = struct.unpack("qq", notes[0][2][:16])
            self.at = seconds + nanos / 1e9
            if about[2] == socket.PACKET_OUTGOING and frame[12:14] == b"\x08\x00":
                self.packet(frame[14:])

    def wait_for(self, count):
        until(lambda: len(self.take()) >= count)

    def packet(self, packet):
        head = (packet[0] & 15) * 4
        size = struct.unpack("!H", packet[2:4])[0]
        here, there = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
        if packet[9] == 6:
            self.segment(packet[head:size], here, there)

    def segment(self, segment, here, there):
        sport, dport, seq, ack, bits, window = struct.unpack("!HHIIHH", segment[:16])
        length = len(segment) - (bits >> 12) * 4
        flags = [name for bit, name in FLAGS if bits & bit and (name != "PSH")]
        self.raw = (seq, ack)
        mine, other = (here, sport, there, dport), (there, dport, here, sport)
        if "SYN" in flags:
            self.first[mine] = seq
        if self.relative:
            # Without a SYN of its own, an RST that answers a SYN starts at 0.
            seq = (seq - self.first.get(mine, seq)) & 0xFFFFFFFF
            ack = (ack - self.first.get(other, 0)) & 0xFFFFFFFF
        line = f"{self.name(sport)} -> {self.name(dport):<8}"
        line += f"  {','.join(flags):<8}  seq={seq}"
        line += f"  ack={ack}" if bits & 0x10 else ""
        line += f"  data={length}" if length else ""
        self.seen.append((self.at, line.rstrip(), window))

    def name(self, port):
        return self.names.get(port, "client")

    def show(self):
        for _, line, _ in self.take():
            say(line)


class Deaf:
    """While it lasts, the segments that come for this socket are lost on their last inch."""

    def __init__(self, sock):
        self.sock = sock
        # One instruction of the classic packet filter: return 0, that is, keep nothing.
        self.code = struct.pack("HBBI", 0x06, 0, 0, 0)

    def __enter__(self):
        import ctypes

        self.kept = ctypes.create_string_buffer(self.code)
        program = struct.pack("HL", 1, ctypes.addressof(self.kept))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def __exit__(self, *_):
        self.sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)


def ss(*options):
    """The rows of `ss`, without its heading, columns two spaces apart."""
    out = subprocess.run(["ss", "-n", "-H", *options], capture_output=True, text=True).stdout
    rows = [re.sub(r"\s+", " ", row).strip() for row in out.splitlines() if row.strip()]
    return sorted(rows, key=lambda row: (not row.startswith("LISTEN"), row))


def states(port):
    """Which states the sockets with this port at either end are in."""
    return sorted(row.split()[0] for row in ss("-ta") if f":{port}" in row)


def table(rows, heading="State Recv-Q Send-Q Local Peer"):
    """Prints rows of `ss` as an even table."""
    cells = [heading.split()] + [row.split() for row in rows]
    cells = [row[:5] + [" ".join(row[5:])] for row in cells]
    widths = [max(len(row[i]) for row in cells) for i in range(6)]
    for row in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def listener(port, backlog=16, reuse=True):
    sock = socket.socket()
    if reuse:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((HOST, port))
    sock.listen(backlog)
    return sock


def connected(port=9000, client_port=None):
    """A listener, and the two ends of one connection to it."""
    listening = listener(port)
    client = socket.socket()
    if client_port:
        client.bind((HOST, client_port))
    client.connect((HOST, port))
    server, _ = listening.accept()
    return listening, client, server
