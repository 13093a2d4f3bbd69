"""One question over HTTP at a time, on connections kept open, with an end to everything.

Neither requests nor httpx bounds the whole of a call: their time-outs begin anew with each byte,
and both log addresses, which hold keys here. So this is the standard library's client on a socket
that has a deadline. It follows no redirects, asks no proxy, logs nothing, tries nothing twice.
Looking a name up is the system's and has the system's own time-out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from pathlib import Path
from time import monotonic
from typing import Any, cast
from urllib.parse import SplitResult

from notifications.hosts import is_host
from notifications.mail import ChannelDown, Unclear, WayClosed
from notifications.timed import Timed, connected, ended
from notifications.tls import trouble, trusting

DEADLINE = 20.0
"""Seconds one question may take, from connecting to the last byte of the answer."""

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read."""

NOT_HTTP = (HTTPException, ValueError)


@dataclass(frozen=True)
class Question:
    """What is asked; the address holds keys and is not shown."""

    url: SplitResult = field(repr=False)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"

    @property
    def path(self) -> str:
        """What stands in the request line."""
        return (self.url.path or "/") + (f"?{self.url.query}" if self.url.query else "")


@dataclass(frozen=True)
class Reply:
    """What was answered; `cut` says why the body is not all of it, where it is not."""

    status: int
    body: bytes
    cut: str = ""


class Web:
    """The client. Not for several threads at once."""

    def __init__(self, ca_file: Path | None = None, deadline: float = DEADLINE) -> None:
        self._ca_file, self._deadline = ca_file, deadline
        self._lines: dict[tuple[str, str], HTTPConnection] = {}

    def ask(self, question: Question) -> Reply:
        """Ask once.

        Raises ChannelDown when the question did not leave, WayClosed when it cannot be put,
        Unclear when it left and nobody can say what became of it.
        """
        _check(question.url)
        line = self._line(question.url, monotonic() + self._deadline)
        host = question.url.hostname
        try:
            line.request(question.method, question.path, question.body, dict(question.headers))
        except OSError as error:
            self._forget(question.url)
            raise ChannelDown(f"没能把消息交给 {host}：{trouble(error)}") from error
        except NOT_HTTP:
            self._forget(question.url)
            raise WayClosed("网址或请求头里有不能用的字符，请改正") from None
        try:
            reply = line.getresponse()
        except (OSError, *NOT_HTTP) as error:
            self._forget(question.url)
            raise Unclear(f"已交给 {host}，但{_silence(error)}") from error
        return self._read(question.url, reply)

    def close(self) -> None:
        """Close every connection; the client may be used again."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def _read(self, url: SplitResult, reply: HTTPResponse) -> Reply:
        body, cut = b"", ""
        try:
            body = reply.read(LONGEST_ANSWER + 1)
            if len(body) > LONGEST_ANSWER:
                body, cut = body[:LONGEST_ANSWER], "回答超过 64 KB"
            elif reply.length:
                cut = "回答只来了一半"
        except (OSError, *NOT_HTTP) as error:
            cut = _silence(error)
        if cut:
            self._forget(url)
        return Reply(reply.status, body, cut)

    def _line(self, url: SplitResult, until: float) -> HTTPConnection:
        """The connection to the host of an address: the one kept, if it still stands."""
        line = self._lines.get(_place(url))
        if line is None or line.sock is None or ended(cast(Timed, line.sock)):
            self._forget(url)
            line = self._lines[_place(url)] = self._opened(url, until)
        cast(Timed, line.sock).until = until
        return line

    def _opened(self, url: SplitResult, until: float) -> HTTPConnection:
        host, secure = url.hostname or "", url.scheme == "https"
        line = (
            HTTPSConnection(host, url.port, context=trusting(self._ca_file))
            if secure
            else HTTPConnection(host, url.port)
        )
        try:
            sock = connected(host, line.port, until)
            line.sock = cast(Any, sock)
            if secure:
                sock.encrypt(trusting(self._ca_file), host)
        except OSError as error:
            line.close()
            raise ChannelDown(f"连不上 {host}：{trouble(error)}") from error
        return line

    def _forget(self, url: SplitResult) -> None:
        if line := self._lines.pop(_place(url), None):
            line.close()


def _check(url: SplitResult) -> None:
    try:
        good = url.port != 0 and is_host(url.hostname or "")
    except ValueError:  # a port that is none
        good = False
    if not good:
        raise WayClosed("网址里的主机名或端口不对，请改正")


def _place(url: SplitResult) -> tuple[str, str]:
    return url.scheme, url.netloc


def _silence(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "等了太久没有答完"
        case OSError() | IncompleteRead():
            return "对方没有答完就断开了"
    return "对方的回答不是 HTTP"
