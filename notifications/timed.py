"""Sockets whose every wait ends by one moment, however slowly the other side trickles."""

from __future__ import annotations

import io
import selectors
import socket
import ssl
from math import inf
from time import monotonic
from typing import Any


class Timed:
    """What http.client and smtplib ask of a socket, on one whose every wait ends by `until`.

    No single answer is waited for longer than `patience`, in seconds.
    """

    def __init__(self, sock: socket.socket, until: float, patience: float = inf) -> None:
        self.until = until
        self._sock, self._patience = sock, patience

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Go on encrypted."""
        self.wait()
        self._sock = context.wrap_socket(self._sock, server_hostname=host)

    def fileno(self) -> int:
        """So that it can be waited for."""
        return self._sock.fileno()

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self._sock.settimeout(left(self.until))
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """A reader, which keeps the socket open as long as it is open itself."""
        return io.BufferedReader(TimedReader(self))

    def close(self) -> None:
        """Close the socket once no reader needs it."""
        self._sock.close()

    def reader(self) -> io.RawIOBase:
        """The socket's own reader."""
        return self._sock.makefile("rb", buffering=0)

    def wait(self) -> None:
        """What is read next must come in time."""
        self._sock.settimeout(min(left(self.until), self._patience))


class TimedReader(io.RawIOBase):
    """What is read from a socket until its deadline."""

    def __init__(self, timed: Timed) -> None:
        self._timed, self._reader = timed, timed.reader()

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read some; raises TimeoutError when the time is up."""
        self._timed.wait()
        return self._reader.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._reader.close()
        super().close()


def left(until: float) -> float:
    """Seconds left; raises TimeoutError when there are none."""
    seconds = until - monotonic()
    if seconds <= 0:
        raise TimeoutError("time is up")
    return seconds


def connected(host: str, port: int, until: float, patience: float = inf) -> Timed:
    """A connection to the first of the host's addresses that takes one, all within the time."""
    refused: OSError | None = None
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, kind, protocol, _, address in found:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(left(until), patience))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Timed(sock, until, patience)
        except OSError as error:
            sock.close()
            refused = refused or error
    raise refused or OSError(f"{host} has no address")


def ended(sock: Timed) -> bool:
    """Whether an idle connection was closed by the other side: it has something to read."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))
