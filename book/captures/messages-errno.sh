#!/usr/bin/env bash
# The errors of this course: number, name and text, as this system has them.
set -euo pipefail

python3 -c '
import errno, os

names = """EPERM ENOENT EINTR EBADF EAGAIN EACCES EINVAL EMFILE EPIPE ENOTSOCK EDESTADDRREQ
    EMSGSIZE EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETUNREACH ECONNABORTED ECONNRESET
    ENOTCONN ETIMEDOUT ECONNREFUSED EHOSTUNREACH EINPROGRESS"""
for name in names.split():
    number = getattr(errno, name)
    print(f"{number:4}  {name:14} {os.strerror(number)}")'
