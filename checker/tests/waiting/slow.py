"""Lesson 1 as a server that pauses before its greeting, in the way that its first argument names, and then does everything right.

While it pauses nothing moves, and no call of the checker would end the pause: it goes on by itself."""

import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time

SPAN = 1.0


def sleep():
    time.sleep(SPAN)


def select_with_a_limit():
    select.select([sys.stdin], [], [], SPAN)


def poll_with_a_limit():
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    poll.poll(SPAN * 1000)


def epoll_with_a_limit():
    epoll = select.epoll()
    epoll.register(sys.stdin, select.EPOLLIN)
    epoll.poll(SPAN)


def receive_timeout():
    """A blocking call, whose limit only the socket knows."""
    one, _other = socket.socketpair()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, int(SPAN).to_bytes(8, "little") + bytes(8))
    try:
        one.recv(1)
    except BlockingIOError:
        pass


def accept_timeout():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, int(SPAN).to_bytes(8, "little") + bytes(8))
    try:
        listener.accept()
    except BlockingIOError:
        pass


class Rung(Exception):
    pass


def ring(_number, _frame):
    raise Rung


def alarm():
    """A read that a signal interrupts."""
    signal.signal(signal.SIGALRM, ring)
    signal.alarm(int(SPAN))
    try:
        os.read(0, 1)
    except Rung:
        pass


def sigwait():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    signal.alarm(int(SPAN))
    signal.sigwait([signal.SIGALRM])


def timer():
    """A timer of timer_create(2) with a real-time signal."""
    signal.signal(signal.SIGRTMIN + 1, ring)
    libc = ctypes.CDLL(None, use_errno=True)
    event = (ctypes.c_int * 16)(0, 0, signal.SIGRTMIN + 1)
    number = ctypes.c_void_p()
    assert libc.timer_create(1, event, ctypes.byref(number)) == 0
    libc.timer_settime(number, 0, (ctypes.c_long * 4)(0, 0, int(SPAN), 0), None)
    try:
        os.read(0, 1)
    except Rung:
        pass


def timerfd():
    libc = ctypes.CDLL(None)
    fd = libc.timerfd_create(1, 0)
    libc.timerfd_settime(fd, 0, (ctypes.c_long * 4)(0, 0, int(SPAN), 0), None)
    epoll = select.epoll()
    epoll.register(fd, select.EPOLLIN)
    epoll.poll()


def child():
    subprocess.run(["sleep", str(SPAN)], check=True)


def pipe_from_a_child():
    subprocess.check_output(["sleep", str(SPAN)])


def orphan():
    """Nobody's child any more, and still the one that goes on."""
    ours, theirs = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(SPAN)
            os.write(theirs, b"x")
        os._exit(0)
    os.wait()
    os.read(ours, 1)


def daemon(acts):
    """Nobody's child, and in a session of its own."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            acts()
        os._exit(0)
    os.wait()


def daemon_with_a_pipe():
    ours, theirs = os.pipe()

    def acts():
        time.sleep(SPAN)
        os.write(theirs, b"x")

    daemon(acts)
    os.read(ours, 1)


def daemon_that_connects():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def acts():
        time.sleep(SPAN)
        socket.create_connection(listener.getsockname())

    daemon(acts)
    listener.accept()


def child_with_an_alarm():
    """It reads what nobody writes, until its alarm ends it."""
    ours, _theirs = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(int(SPAN))
        os.read(ours, 1)
    os.waitpid(child, 0)


def pair():
    """Both ends of a TCP connection; the first sends at once what it has."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    one = socket.create_connection(listener.getsockname())
    other, _ = listener.accept()
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one, other


def hold_back(one, held):
    """What is sent under a cork leaves after 200 ms."""
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    one.sendall(held)


def low_water_mark():
    """More is waited for than has come."""
    one, other = pair()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 10)
    for _ in range(5):
        one.sendall(b"12345")
        hold_back(one, b"67890")
        select.select([other], [], [])
        other.recv(10)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


def edge_triggered():
    """What has come is left there, and more is waited for."""
    one, other = pair()
    epoll = select.epoll()
    epoll.register(other, select.EPOLLIN | select.EPOLLET)
    for _ in range(5):
        one.sendall(b"12345")
        epoll.poll()
        hold_back(one, b"67890")
        epoll.poll()
        other.recv(10)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


def user_timeout():
    """The other end takes nothing: the connection breaks by itself."""
    one, _other = pair()
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SPAN * 1000))
    one.setblocking(False)
    try:
        while True:
            one.send(bytes(1 << 16))
    except BlockingIOError:
        pass
    one.setblocking(True)
    try:
        one.recv(1)
    except TimeoutError:
        pass


def number_of_another():
    """The timer that is waited for has another number by now, and its own belongs to a pipe."""
    libc = ctypes.CDLL(None)
    fd = libc.timerfd_create(1, 0)
    libc.timerfd_settime(fd, 0, (ctypes.c_long * 4)(0, 0, int(SPAN), 0), None)
    epoll = select.epoll()
    epoll.register(fd, select.EPOLLIN)
    os.dup(fd)
    ours, _theirs = os.pipe()
    os.dup2(ours, fd)
    epoll.poll()


def another_thread():
    threading.Thread(target=sleep).start()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()


def condition():
    waits = threading.Condition()
    with waits:
        waits.wait(SPAN)


def works():
    end = time.monotonic() + SPAN
    while time.monotonic() < end:
        pass


def busy_waits():
    """In naps, each shorter than the time between two looks."""
    end = time.monotonic() + SPAN
    while time.monotonic() < end:
        time.sleep(0.001)


PAUSES = [
    sleep,
    select_with_a_limit,
    poll_with_a_limit,
    epoll_with_a_limit,
    receive_timeout,
    accept_timeout,
    alarm,
    sigwait,
    timer,
    timerfd,
    child,
    pipe_from_a_child,
    orphan,
    daemon_with_a_pipe,
    daemon_that_connects,
    child_with_an_alarm,
    low_water_mark,
    edge_triggered,
    user_timeout,
    number_of_another,
    another_thread,
    condition,
    works,
    busy_waits,
]


def main():
    if sys.argv[1] == "list":
        print(*(pause.__name__ for pause in PAUSES))
        return
    pause = next(pause for pause in PAUSES if pause.__name__ == sys.argv[1])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    connection, _ = listener.accept()
    pause()
    connection.sendall(b"hello")
    connection.shutdown(socket.SHUT_WR)
    reply = b""
    while piece := connection.recv(1024):
        reply += piece
    print(reply.decode(), flush=True)


main()
