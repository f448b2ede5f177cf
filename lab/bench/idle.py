#!/usr/bin/env python3
"""Opens connections that do nothing and notes when the server closes them; started by idle.sh.

idle.py SERVER-PID RTMP-PORT HTTP-PORT CONNECTIONS RATE RTMP-DEADLINE HTTP-DEADLINE (in seconds)
"""

import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import time

HELLO = bytes([3]) + bytes(8) + os.urandom(1528)
ANSWER = 1 + 2 * 1536
LATE = 5  # seconds after its deadline: thousands fall due at the same time
STEP = 0.02


class Idle:
    """One connection: `rest` is what is still to be sent once so many bytes have come."""

    def __init__(self, kind, port, first, expected=0, rest=b""):
        self.kind, self.first, self.expected, self.rest = kind, first, expected, rest
        self.received = 0
        self.silent_since = self.closed_after = None
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.bind((f"127.0.{2 + self.socket.fileno() % 4}.1", 0))
        self.socket.connect_ex(("127.0.0.1", port))

    def connected(self, now):
        if self.first:
            self.socket.send(self.first)
        self.silent_since = now

    def readable(self, now):
        """False when the server has closed."""
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        if not data:
            self.closed_after = now - self.silent_since
            self.socket.close()
            return False
        self.received += len(data)
        if self.rest and self.received >= self.expected:
            self.socket.send(self.rest)
            self.rest = b""
            self.silent_since = now
        return True


KINDS = [
    ("rtmp silent", lambda rtmp, http: (rtmp, b"")),
    ("rtmp half a handshake", lambda rtmp, http: (rtmp, HELLO[:700])),
    ("rtmp after the handshake", lambda rtmp, http: (rtmp, HELLO, ANSWER, bytes(1536))),
    ("http silent", lambda rtmp, http: (http, b"")),
    ("http kept alive", lambda rtmp, http: (http, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")),
]


def anonymous_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", status).group(1)) / 1024


def collected_mb(pid):
    subprocess.run(["jcmd", pid, "GC.run"], check=True, stdout=subprocess.DEVNULL)
    return anonymous_mb(pid)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def turn(poll, by_fd, seconds):
    for fd, events in poll.poll(seconds):
        idle = by_fd[fd]
        now = time.monotonic()
        if idle.silent_since is None:
            error = idle.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                sys.exit(f"FAULT {idle.kind}: cannot connect: {os.strerror(error)}")
            idle.connected(now)
            poll.modify(fd, select.EPOLLIN)
        elif not idle.readable(now):
            del by_fd[fd]


def main(pid, rtmp, http, count, rate, rtmp_deadline, http_deadline):
    rtmp, http, count, rate = int(rtmp), int(http), int(count), float(rate)
    deadlines = {"rtmp": float(rtmp_deadline), "http": float(http_deadline)}
    before = collected_mb(pid)
    poll, by_fd, everyone = select.epoll(), {}, []
    start = time.monotonic()
    while len(everyone) < count:
        due = min(count, int((time.monotonic() - start) * rate) + 1)
        while len(everyone) < due:
            kind, make = KINDS[len(everyone) % len(KINDS)]
            idle = Idle(kind, *make(rtmp, http))
            everyone.append(idle)
            by_fd[idle.socket.fileno()] = idle
            poll.register(idle.socket.fileno(), select.EPOLLOUT)
        turn(poll, by_fd, STEP)
    while any(idle.silent_since is None for idle in by_fd.values()):
        turn(poll, by_fd, STEP)
    took = time.monotonic() - start
    there = anonymous_mb(pid)
    print(f"all are open: {len(by_fd)} connections, {took:.1f} s", flush=True)
    cpu, since = cpu_seconds(pid), time.monotonic()
    measured = None
    last = max(deadlines.values()) + LATE
    while by_fd and time.monotonic() - since < last + LATE:
        turn(poll, by_fd, 0.5)
        if measured is None and time.monotonic() - since > 15:
            measured = (cpu_seconds(pid) - cpu) / (time.monotonic() - since)
    after = collected_mb(pid)
    print(f"anonymous memory: {before:.1f} MB before, {there:.1f} with them (garbage included, "
          f"{(there - before) * 1024 / count:.1f} KiB each), {after:.1f} when they are gone")
    if measured is not None:
        print(f"CPU with them, 20 viewers that come and play included: {100 * measured:.1f} % of a core")
    faults = 0
    for kind, _ in KINDS:
        some = [idle for idle in everyone if idle.kind == kind]
        closed = sorted(idle.closed_after for idle in some if idle.closed_after is not None)
        deadline = deadlines[kind[:4]]
        late = sum(seconds > deadline + LATE for seconds in closed) + len(some) - len(closed)
        faults += late
        middle = f"after {closed[0]:.1f} to {closed[-1]:.1f} s" if closed else "never"
        print(f"{kind}: {len(closed)} of {len(some)} closed {middle} of silence, deadline "
              f"{deadline:.0f} s" + (f"; FAULT {late} too late" if late else ""))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
