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
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

OK = "250 OK"
DROP = "drop"
HANG = "hang"
BEFORE_DATA, IN_DATA = "before data", "in data"
"""When a server that hangs up does so."""


class Sink:
    """The handler. Its answers to each step are used up in order, then all is taken.

    DROP closes the connection without an answer; HANG never answers.
    """

    def __init__(
        self,
        answers: Iterable[str] = (),
        to_recipients: Iterable[str] = (),
        to_sender: Iterable[str] = (),
    ) -> None:
        self.mails: list[bytes] = []
        self.sessions: set[int] = set()
        self.reached = Event()
        self._answers = iter(answers)
        self._to_recipients = iter(to_recipients)
        self._to_sender = iter(to_sender)

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        answer = next(self._to_sender, OK)
        if answer == OK:
            envelope.mail_from = address
        return answer

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
        elif answer.startswith("250"):
            self.mails.append(envelope.content)
        return answer

    def read(self) -> list[EmailMessage]:
        """The mails, parsed."""
        return [parsed(content) for content in self.mails]


class HangingUp(SMTP):
    """A server that hangs up, once, before a mail is handed over or in the middle of it."""

    def __init__(self, *args: Any, leaves: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._leaves = leaves

    async def smtp_DATA(self, arg: str) -> None:
        when = self._leaves.pop(0) if self._leaves else ""
        if when == IN_DATA:
            await self.push("354 go on")
            await self._reader.readline()
        if when:
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


class Listening(Controller):
    """`leaves`: when the server hangs up, one after the other."""

    def __init__(self, sink: Sink, leaves: Iterable[str] = (), **how: Any) -> None:
        super().__init__(sink, **how)
        self._leaves = list(leaves)

    def factory(self) -> SMTP:
        return HangingUp(self.handler, leaves=self._leaves, **self.SMTP_kwargs)


def knows(password: str) -> dict[str, Any]:
    """A server that lets in whoever knows the password, without encryption."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == password.encode(), handled=False)

    return {"auth_required": True, "auth_require_tls": False, "authenticator": check}


def parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


@contextmanager
def listening(sink: Sink, host: str = "127.0.0.1", **how: Any) -> Iterator[int]:
    """The port the sink listens on; what aiosmtpd's Controller takes says how."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    controller = Listening(sink, hostname=host, port=port, **how)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
