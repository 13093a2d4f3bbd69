"""An SMTP client that repeats aloud what is said, but for what proves who we are."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

from notifications.mail import ChannelDown
from notifications.smtp_replies import Reply

Say = Callable[[str], None]


class Talking(smtplib.SMTP):
    """The client, plain or with STARTTLS."""

    def __init__(self, say: Say, host: str, port: int, **rest: Any) -> None:
        self.say = say
        self._secret = False
        super().__init__(host, port, **rest)

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
            self.say(f"< {code} {line}".rstrip())
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
        finally:
            self._secret = False


class TalkingTls(Talking, smtplib.SMTP_SSL):
    """The client, encrypted from the first word."""
