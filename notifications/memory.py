"""A channel that keeps what it is given: for tests and dry runs."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.addresses import ChannelKind
from notifications.mail import Mail, TransportError


class MemoryChannel:
    """Every way out at once. Keeps mails in `sent`.

    `answers` are used up in order: an error is raised, None sends.
    """

    def __init__(
        self,
        answers: Iterable[TransportError | None] = (),
        kinds: Iterable[ChannelKind] = ChannelKind,
    ) -> None:
        self.kinds = frozenset(kinds)
        self.sent: list[Mail] = []
        self.closed = False
        self._answers = iter(answers)

    def __getitem__(self, kind: ChannelKind) -> MemoryChannel:
        """Itself."""
        return self

    def send(self, mail: Mail) -> str:
        """Keep the mail, or raise the next error prepared."""
        answer = next(self._answers, None)
        if answer is not None:
            raise answer
        self.sent.append(mail)
        return "收下"

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
