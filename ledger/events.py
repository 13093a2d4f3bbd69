"""Events: what the chronicle tells, and what the rehearsal prints, one per event and recipient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Told:
    """Who is told: the role word, the post's unit, the person."""

    post: str
    unit: str | None
    name: str


@dataclass(frozen=True)
class Line:
    """One thing an event is about. `due` an ISO date or None; `days_late` calendar days."""

    unit: str | None
    what: str
    period: str | None
    due: str | None
    days_late: int


@dataclass(frozen=True)
class Event:
    """One event, for one recipient where it has any."""

    at: datetime
    kind: str
    campaign: str | None = None
    stage: str | None = None
    to: Told | None = None
    items: Sequence[Line] = ()
    leaves_at: datetime | None = None
    ladder: str | None = None
    rung: int | None = None
    repeat: int | None = None
    why: str = ""
    message: int | None = None
