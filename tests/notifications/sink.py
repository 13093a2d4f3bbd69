"""A real SMTP server that keeps what it gets and answers as told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from socket import socket
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller

OK = "250 OK"
DROP = "drop"
HANG = "hang"


class Sink:
    """The handler. `answers` to DATA and `to_recipients` are used up in order, then all is taken.

    DROP closes the connection without an answer; HANG never answers.
    """

    def __init__(self, answers: Iterable[str] = (), to_recipients: Iterable[str] = ()) -> None:
        self.mails: list[bytes] = []
        self.sessions: set[int] = set()
        self.reached = Event()
        self._answers = iter(answers)
        self._to_recipients = iter(to_recipients)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.sessions.add(id(session))
        answer = next(self._to_recipients, OK)
        if answer == DROP:
            server.transport.abort()
        elif answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.reached.set()
        answer = next(self._answers, OK)
        if answer == DROP:
            server.transport.abort()
        elif answer == HANG:
            while True:
                await server.loop.create_future()
        elif answer == OK:
            self.mails.append(envelope.content)
        return answer

    def read(self) -> list[EmailMessage]:
        """The mails, parsed."""
        return [parsed(content) for content in self.mails]


def parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


@contextmanager
def listening(sink: Sink) -> Iterator[int]:
    """The port the sink listens on."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
