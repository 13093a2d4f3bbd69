"""Which channels take nothing from anybody now, and when each is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ledger.addresses import ChannelKind

RESTS = tuple(timedelta(minutes=n) for n in (1, 5, 15))
"""How long a channel is left alone after each failure in a row; the last again and again."""


@dataclass(frozen=True)
class Outage:
    """A channel that takes nothing: why, how often it was found so, until when it is left alone."""

    why: str
    times: int
    until: datetime


@dataclass
class Outages:
    """Kept from run to run by whoever runs often, so that a dead server is not hammered."""

    _found: dict[ChannelKind, Outage] = field(default_factory=dict)

    def down(self, kind: ChannelKind, now: datetime) -> bool:
        """Whether the channel is left alone at this moment."""
        return kind in self._found and now < self._found[kind].until

    def note(self, kind: ChannelKind, why: str, now: datetime) -> None:
        """It took nothing."""
        times = self._found[kind].times if kind in self._found else 0
        rest = RESTS[min(times, len(RESTS) - 1)]
        self._found[kind] = Outage(why, times + 1, now + rest)

    def over(self, kind: ChannelKind) -> None:
        """It took a message."""
        self._found.pop(kind, None)

    def reasons(self, now: datetime) -> str | None:
        """Why what is left alone is left alone."""
        found = [one.why for one in self._found.values() if now < one.until]
        return "；".join(dict.fromkeys(found)) or None
