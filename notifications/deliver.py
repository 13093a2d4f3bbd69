"""Delivering: claim what is ready, send it, write down what became of it.

A claim is committed before its message is sent, and no transaction is open while one is rendered
or sent. What a killed process left in sending is unknown: nobody can say whether it left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from config.database import Database
from config.secret_key import secret_key
from config.settings import Settings
from ledger.calendars import calendar_of
from ledger.messages import MessageState
from ledger.undelivered import failures_untold, tell_of_failures
from ledger.workdays import WorkCalendar
from notifications.attempting import Attempting
from notifications.channels import Channels
from notifications.claims import (
    INTERRUPTED,
    Outcome,
    Waiting,
    claim,
    conclude,
    give_up_stalled,
    waiting,
)
from notifications.consequences import bear, disable_dead
from notifications.errands import Errand, Unreadable, read_errands
from notifications.links import Links
from notifications.mail import Channels as WaysOut
from notifications.notice import Notice
from notifications.outages import Outages
from notifications.rendering import Place

WINDOW = 50
"""Messages read at once, before they are claimed one by one."""

FRESH = 2.0
"""Seconds after which what was read is read again: who has handed in since is not chased."""


COUNTED = {
    MessageState.SENT: "sent",
    MessageState.FAILED: "failed",
    MessageState.SKIPPED: "skipped",
    MessageState.UNKNOWN: "unknown",
    MessageState.READY: "put_off",
}


@dataclass
class Counts:
    """What one run did. `put_off` go again later; `stopped` says why a channel takes nothing."""

    sent: int = 0
    failed: int = 0
    skipped: int = 0
    unknown: int = 0
    put_off: int = 0
    stopped: str | None = None


@dataclass(frozen=True)
class Claimed:
    """A message that is ours to send, since when, and what is known of it so far."""

    id: int
    at: datetime
    outcome: Outcome


def deliver(
    database: Database,
    settings: Settings,
    now: datetime | Callable[[], datetime],
    calendar: WorkCalendar,
    channels: WaysOut | None = None,
    limit: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    outages: Outages | None = None,
) -> Counts:
    """Send what is ready and due to leave, at most `limit` messages; several may run at once.

    Outside office hours only kinds that leave at any hour are sent, and a digest only on the day
    of its round: left over, the next round takes it along. Once `stop` says so, the message at
    hand is the last. Whoever runs often keeps `outages` from run to run.
    """
    ask = now if callable(now) else lambda: now
    ways = channels or Channels(settings)
    try:
        known = Outages() if outages is None else outages
        return Delivery(database, settings, ask, calendar, ways, known, stop).run(limit)
    finally:
        if channels is None:
            ways.close()


class Delivery:
    """One run of `deliver`."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        ask: Callable[[], datetime],
        calendar: WorkCalendar,
        channels: WaysOut,
        outages: Outages,
        stop: Callable[[], bool],
    ) -> None:
        with database.reading() as session:
            self._calendar = calendar_of(session, calendar)
        self._database = database
        self._ask = ask
        self._stop = stop
        place = Place(self._calendar.tz, settings.base_url, settings.templates)
        links = Links(settings.base_url, secret_key(settings))
        self._attempting = Attempting(
            channels, place, links, settings.home, ask, self._calendar, outages
        )
        self._notices: dict[int, Notice] = {}
        self._counts = Counts()
        self._at_hand: Claimed | None = None
        self._left: int | None = None
        self._follows = False

    def run(self, limit: int | None) -> Counts:
        """Window after window until nothing waits, the limit is reached or no channel is up.

        What follows from failures, to others in the person's place and to the office, leaves too.
        """
        self._left = limit
        self._counts.unknown += give_up_stalled(self._database, self._ask())
        more = True
        while more:
            # Others in a person's place first, so that the office hears of all in one message.
            more = self._send_what_waits() or self._tell_of_failures()
        self._counts.stopped = self._attempting.outages.reasons(self._ask())
        return self._counts

    def _send_what_waits(self) -> bool:
        """Whether more waits because of what became of it."""
        self._follows = False
        try:
            self._send_all()
        finally:
            self._write_down()
        return self._follows

    def _send_all(self) -> None:
        after: Waiting | None = None
        while not self._is_over():
            with self._database.reading() as session:
                window = waiting(session, self._ask(), self._calendar, after, WINDOW)
            if not window:
                return
            after = window[-1]
            self._send_window(window)

    def _is_over(self) -> bool:
        return self._left == 0 or self._attempting.all_down or self._stop()

    def _send_window(self, window: Sequence[Waiting]) -> None:
        """Send them while the hours last in which they were found to be due."""
        errands: dict[int, Errand | Unreadable] = {}
        in_hours, read_at = self._in_hours(), -FRESH
        for number, one in enumerate(window):
            if self._is_over() or self._in_hours() != in_hours:
                return
            if time.monotonic() - read_at >= FRESH:
                errands = self._read([other.id for other in window[number:]])
                read_at = time.monotonic()
            errand = errands.get(one.id)
            if errand and self._attempting.may_try(errand) and self._claim(one):
                self._attempt(one.id, errand)

    def _in_hours(self) -> tuple[date, bool]:
        """The day, and whether the office is open."""
        now = self._ask()
        return self._calendar.local_day(now), self._calendar.leaves_at(now) == now

    def _read(self, ids: Sequence[int]) -> dict[int, Errand | Unreadable]:
        with self._database.reading() as session:
            return read_errands(session, ids, self._ask(), self._calendar, self._notices)

    def _claim(self, one: Waiting) -> bool:
        """Write down what became of the one before, and take this one, in one transaction."""
        now = self._ask()
        with self._database.writing() as session:
            self._conclude(session, self._at_hand)
            mine = claim(session, one, now)
        self._at_hand = None
        if mine:
            self._left = None if self._left is None else self._left - 1
            interrupted = Outcome(MessageState.UNKNOWN, INTERRUPTED)
            self._at_hand = Claimed(one.id, now, interrupted)
        return mine

    def _attempt(self, id: int, errand: Errand | Unreadable) -> None:
        assert self._at_hand is not None
        outcome = self._attempting.attempt(errand)
        self._at_hand = Claimed(id, self._at_hand.at, outcome)

    def _write_down(self) -> None:
        if self._at_hand is not None:
            with self._database.writing() as session:
                self._conclude(session, self._at_hand)
        self._at_hand = None

    def _conclude(self, session: Session, ours: Claimed | None) -> None:
        """What became of the message, and what follows from it; one given up stays given up."""
        if ours is None:
            return
        now, outcome = self._ask(), ours.outcome
        disable_dead(session, outcome, now)
        if conclude(session, ours.id, ours.at, outcome, now):
            kinds = self._attempting.channels.kinds
            if bear(session, ours.id, outcome, kinds, now, self._calendar):
                self._follows = True
            self._count(outcome.state)

    def _count(self, state: MessageState) -> None:
        name = COUNTED[state]
        setattr(self._counts, name, getattr(self._counts, name) + 1)

    def _tell_of_failures(self) -> bool:
        """The office hears the same day, of all of them in one message; whether there were any."""
        with self._database.reading() as session:
            if not failures_untold(session):
                return False
        with self._database.writing() as session:
            return tell_of_failures(session, self._ask(), self._calendar) > 0
