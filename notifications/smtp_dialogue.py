"""An SMTP client that repeats aloud what is said, but for what proves who we are."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from typing import Any, cast

from ledger.titles import one_line
from notifications.mail import ChannelDown
from notifications.smtp_replies import Reply
from notifications.timed import Timed, connected

PATIENCE = 30.0
"""Seconds to wait for a connection, and for the server's answer."""

Say = Callable[[str], None]


class Talking(smtplib.SMTP):
    """The client; every wait ends by `until`, a moment of the monotonic clock.

    With a context it speaks TLS from the first word.
    """

    def __init__(
        self,
        say: Say,
        host: str,
        port: int,
        until: float,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.say, self._until, self._context = say, until, context
        self._secret = False
        super().__init__(host, port)

    def finish_by(self, until: float) -> None:
        """Another moment by which every wait ends."""
        if self.sock is not None:
            cast(Timed, self.sock).until = until

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Go on encrypted, by STARTTLS."""
        self.starttls(context=cast(Any, Encryption(context)))

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Send a command."""
        shown = f"{cmd} {args}".rstrip()
        if self._secret:
            shown = "AUTH ****" if cmd == "AUTH" else "****"
        self.say(f"> {shown}")
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        """Wait for the answer."""
        code, text = super().getreply()
        for line in text.decode("utf-8", "replace").splitlines() or [""]:
            self.say(f"< {code} {one_line(line)}".rstrip())
        return code, text

    def log_in(self, user: str, password: str) -> None:
        """Prove who we are; raises ChannelDown when the server does not believe it."""
        self.ehlo_or_helo_if_needed()
        self._secret = True
        try:
            self.login(user, password)
        except smtplib.SMTPNotSupportedError as error:
            raise ChannelDown(
                "发信服务器在这种加密方式下不让登录，请核对 DUBAN_SMTP_SECURITY 和 DUBAN_SMTP_USER"
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            said = Reply.raised(error)
            raise ChannelDown(f"发信服务器不认账号 {user} 或它的密码：{said}") from error
        except ValueError as error:  # a challenge that is no base64
            raise ChannelDown("登录时发信服务器的回答读不懂，请核对 DUBAN_SMTP_HOST") from error
        finally:
            self._secret = False

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        """What smtplib talks over."""
        sock = connected(host, port, self._until, PATIENCE)
        if self._context is not None:
            try:
                sock.encrypt(self._context, host)
            except OSError:
                sock.close()
                raise
        return sock


class Encryption:
    """What smtplib takes for a context when it begins STARTTLS."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def wrap_socket(self, sock: Timed, server_hostname: str) -> Timed:
        """The same socket, encrypted from here on."""
        sock.encrypt(self._context, server_hostname)
        return sock
