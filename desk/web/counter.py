"""The counter (柜台) at which pages are served: what every page may reach for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from config.database import Database
from config.settings import Settings
from ledger.calendars import calendar_of
from ledger.workdays import WorkCalendar
from notifications.links import Links


@dataclass(frozen=True)
class Counter:
    """The ledger, the settings, the clock, and the links into messages."""

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    base: WorkCalendar
    links: Links

    @property
    def root(self) -> str:
        """What stands before every path where DUBAN_BASE_URL has one; the proxy takes it off."""
        return urlsplit(self.settings.base_url).path.rstrip("/")

    def calendar(self, session: Session) -> WorkCalendar:
        """The calendar to go by in this transaction."""
        return calendar_of(session, self.base)


def _counter(request: Request) -> Counter:
    counter: Counter = request.app.state.counter
    return counter


AtCounter = Annotated[Counter, Depends(_counter)]
"""A page's parameter of this type is the counter."""
