"""A server that stands in for a vendor's: it records what is posted and answers as told."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

HANG, DROP, TRICKLE, SLOW_BODY, GIANT, LOOP, HALF, NONSENSE = (
    *("hang", "drop", "trickle", "slow body", "giant", "loop", "half", "nonsense"),
)
"""Never answers; hangs up; answers a byte at a time; answers 200 and the body a byte at a time;
answers without end; sends one on to itself; less than it promised; no HTTP."""


@dataclass(frozen=True)
class Answer:
    """An answer: a dict is JSON. It closes the connection and says so, or leaves without a word."""

    body: dict[str, Any] | str = field(default_factory=dict)
    status: int = 200
    closes: bool = False
    leaves: bool = False


@dataclass(frozen=True)
class Posted:
    """What came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON posted."""
        return json.loads(self.content)


OK = Answer({"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"})


class StandIn:
    """Answers are used up in order; then all is well."""

    def __init__(self, answers: Iterable[Answer | str]) -> None:
        self.posted: list[Posted] = []
        self.connections = 0
        self.over = Event()
        self.left = Event()
        self.base = ""
        self._answers = iter(answers)

    def next(self) -> Answer | str:
        return next(self._answers, OK)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    stand_in: StandIn

    def setup(self) -> None:
        super().setup()
        self.stand_in.connections += 1

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.stand_in.posted.append(
            Posted(self.command, address.path, query, dict(self.headers), self.rfile.read(length))
        )
        answer = self.stand_in.next()
        if isinstance(answer, Answer):
            self._answer(answer)
            return
        self.close_connection = True
        with suppress(OSError):
            self._misbehave(answer)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def _answer(self, answer: Answer) -> None:
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(text.encode())))
        if answer.closes:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text.encode())
        self.close_connection = answer.closes or answer.leaves

    def _misbehave(self, how: str) -> None:
        match how:
            case "hang":
                self.stand_in.over.wait()
            case "trickle":
                self._slowly(b"HTTP/1.1 200 OK\r\nX: ")
            case "slow body":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
                self._slowly(b"")
            case "giant":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                while not self.stand_in.over.is_set():
                    self.wfile.write(b"x" * 4096)
            case "loop":
                self.wfile.write(
                    b"HTTP/1.1 302 Found\r\nLocation: " + self.path.encode() + b"\r\n"
                    b"Content-Length: 0\r\n\r\n"
                )
            case "half":
                self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"errcode"')
            case "nonsense":
                self.wfile.write(b"220 mail.example ready\r\n")

    def _slowly(self, first: bytes) -> None:
        self.wfile.write(first)
        while not self.stand_in.over.wait(0.02):
            self.wfile.write(b"x")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.RequestHandlerClass.stand_in.left.set()  # type: ignore[attr-defined]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients here hang up whenever they like."""


@contextmanager
def standing_in(*answers: Answer | str, context: ssl.SSLContext | None = None) -> Iterator[StandIn]:
    """A stand-in that is there; `base` is where. With a context it speaks TLS."""
    stand_in = StandIn(answers)
    server = Server(("127.0.0.1", 0), type("Own", (Handler,), {"stand_in": stand_in}))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if context else "http"
    stand_in.base = f"{scheme}://localhost:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
