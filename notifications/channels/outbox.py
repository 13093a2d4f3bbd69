"""The folder of .eml files, where no server is set."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import tzinfo
from pathlib import Path
from threading import get_ident

from notifications.channels.one_mail import UNSET_SENDER, OneMail
from notifications.mail import ChannelDown, Mail


class OutboxChannel:
    """Mails as .eml files that any mail program opens; their names sort by time.

    A file written again has the same name and the same content, so many may be claimed at once.
    """

    batch = 100

    def __init__(self, folder: Path, sender: str = UNSET_SENDER, tz: tzinfo | None = None) -> None:
        self._folder, self._sender, self._tz = folder, sender, tz
        self._post: OneMail | None = None

    def send(self, mail: Mail) -> str:
        """Write the file, whole or not at all; where it is. Raises TransportError."""
        moment = mail.leaves_at.astimezone(self._tz)
        file = self._folder / f"{moment:%Y%m%dT%H%M%S}-{mail.id:07}.eml"
        self._post = self._post or OneMail(self._sender)
        return self._post.carry(mail, lambda content: _write(file, content))

    def close(self) -> None:
        """Nothing is held."""


def _write(file: Path, content: bytes) -> str:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}-{get_ident()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(file)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise ChannelDown(f"发件箱 {file.parent} 写不进去：{error.strerror}") from error
    return f"已写成文件 {file}"
