"""A channel that keeps what it is given: for tests and dry runs."""

from __future__ import annotations

from collections.abc import Iterable

from notifications.mail import Mail, TransportError


class MemoryChannel:
    """Keeps mails in `sent`. `answers` are used up in order: an error is raised, None sends."""

    def __init__(self, answers: Iterable[TransportError | None] = (), batch: int = 100) -> None:
        self.batch = batch
        self.sent: list[Mail] = []
        self.closed = False
        self._answers = iter(answers)

    def send(self, mail: Mail) -> str:
        """Keep the mail and say so, or raise the next error prepared."""
        answer = next(self._answers, None)
        if answer is not None:
            raise answer
        self.sent.append(mail)
        return f"kept as number {len(self.sent)}"

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
