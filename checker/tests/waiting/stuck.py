"""Wrong programs that wait for what does not come, each in the way that its first argument names."""

import os
import select
import signal
import socket
import sys
import threading
import time


def listen():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    return listener


def connect():
    host, port = sys.argv[-1].rsplit(":", 1)
    return socket.create_connection((host, int(port)))


def read_to_the_end(connection):
    message = b""
    while piece := connection.recv(1024):
        message += piece
    return message


def never_flushed():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print("listening on %s:%d" % listener.getsockname())
    listener.accept()


def never_shuts_down():
    """Lesson 1: neither end says that its message is over."""
    if sys.argv[2] == "server":
        connection, _ = listen().accept()
        connection.sendall(b"hello")
    else:
        connection = connect()
    print(read_to_the_end(connection).decode(), flush=True)


def accepts_again():
    """Lesson 3: the first client is not served."""
    listener, connections = listen(), []
    while True:
        connections.append(listener.accept())


def stays_for_another():
    """Lesson 1: the server does not end."""
    listener = listen()
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"hello")
        connection.shutdown(socket.SHUT_WR)
        print(read_to_the_end(connection).decode(), flush=True)
        connection.close()


def reads_stdin_first():
    """Lesson 2: the server speaks first."""
    connection, _ = listen().accept()
    connection.sendall(os.read(0, 1024))


def ignores_q():
    """Lesson 2: what comes is printed, and stdin read."""
    connection, _ = listen().accept()
    while line := connection.recv(1024):
        print(line.decode(), end="", flush=True)
        connection.sendall(os.read(0, 1024))


def ignores_q_in_a_loop():
    connection, _ = listen().accept()
    while True:
        ready, _, _ = select.select([0, connection], [], [])
        os.read(0, 1024) if 0 in ready else connection.recv(1024)


def ignores_q_with_epoll():
    connection, _ = listen().accept()
    epoll = select.epoll()
    epoll.register(0, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
    epoll.register(connection, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
    while True:
        for fd, events in epoll.poll():
            connection.recv(1024) if fd != 0 and events & select.EPOLLIN else None


def answers_q_at_length():
    """Lesson 2: the quit word is answered, by more than anybody reads."""
    connection, _ = listen().accept()
    while (line := connection.recv(1024)) != b"q\n":
        print(line.decode(), end="", flush=True)
        connection.sendall(os.read(0, 1024))
    connection.sendall(b"x" * (64 << 20))


def asks_once():
    """Lesson 4: a datagram that is lost is waited for."""
    host, port = sys.argv[-1].rsplit(":", 1)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.sendto(b"1 " + sys.stdin.readline().strip().encode(), (host, int(port)))
    client.recv(1024)


def asks_who_is_busy():
    """Lesson 6: whether somebody listens is asked with all patience."""
    socket.socket(socket.AF_UNIX).connect(sys.argv[-1])


def locks_twice():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def waits_for_a_signal():
    signal.pause()


def sleeps():
    time.sleep(60)


def spins():
    """Lesson 3: end-of-file is taken for an empty message."""
    listener = listen()
    connection, _ = listener.accept()
    while True:
        connection.recv(1024)


def computes():
    """Lesson 3: it has no time for its client."""
    listener = listen()
    while listener:
        pass


def shuts_the_door():
    """Hides from whoever wants to look, who is not root."""
    import ctypes

    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    os.read(0, 1)


globals()[sys.argv[1]]()
