"""An SMTP server that at one step begins to answer, a byte at a time and without end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

GREETING = ""
"""The step before any command."""


class Trickling(ThreadingTCPServer):
    """`answers` are by the first word of a command; else all is well."""

    daemon_threads = True

    def __init__(self, at: str | None, answers: dict[str, bytes]) -> None:
        self.at, self.answers, self.over = at, answers, Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients here hang up whenever they like."""


class Handler(StreamRequestHandler):
    server: Trickling

    def handle(self) -> None:
        said = self._answer(GREETING, b"220 ready")
        while said and (line := self.rfile.readline()):
            command = line.split()[0].decode().upper()
            if command == "DATA" and command not in self.server.answers:
                said = self._answer(command, b"354 go on") and self._read_mail()
            else:
                said = self._answer(command, b"250 fine")

    def _read_mail(self) -> bool:
        while self.rfile.readline() not in (b".\r\n", b""):
            pass
        return self._answer(".", b"250 taken")

    def _answer(self, step: str, well: bytes) -> bool:
        if step != self.server.at:
            self.wfile.write(self.server.answers.get(step, well) + b"\r\n")
            return True
        with suppress(OSError):
            while not self.server.over.wait(0.02):
                self.wfile.write(b"2")
        return False


@contextmanager
def trickling(at: str | None = None, answers: dict[str, bytes] | None = None) -> Iterator[int]:
    """The port of a server that trickles at a step, or of one with answers of its own."""
    with Trickling(at, answers or {}) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
