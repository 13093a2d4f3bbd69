"""Where a command works: settings, the time, the database, and the post it acts for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from config.clock import now as clock
from config.database import Database
from config.schema import check_schema
from config.settings import Settings, read_settings
from desk.speech import Answer, Voice
from desk.verbs import Needs
from ledger.audit import Actor, actor, system_user
from ledger.calendars import calendar_of
from ledger.finding import find_post, has_posts
from ledger.units import Post
from ledger.workdays import WorkCalendar


@dataclass
class Workplace:
    """What every command has."""

    settings: Settings
    now: datetime
    calendar: WorkCalendar
    may_ask: bool = False

    @property
    def today(self) -> date:
        """The day it is here."""
        return self.calendar.local_day(self.now)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The ledger, at the version this program needs; raises SchemaError otherwise."""
        database = Database(self.settings.database_url)
        try:
            check_schema(database.engine)
            yield database
        finally:
            database.close()


@dataclass
class Desk(Workplace):
    """A workplace with the ledger open before it."""

    session: Session = field(kw_only=True)
    actor: Actor = field(kw_only=True)

    @property
    def post(self) -> Post:
        """The post acted for; every writing command has one."""
        if self.actor.post is None:
            raise click.ClickException(UNSIGNED)
        return self.actor.post


UNSIGNED = "没有写明以哪个岗位操作：请加 --as 岗位，或用 DUBAN_AS 设好。"

Work = Callable[..., Answer]


def perform(work: Work, needs: Needs, given: dict[str, Any]) -> int:
    """Do the work and speak its answer; the exit code. What is written is committed first."""
    as_json, as_post = given.pop("as_json"), given.pop("as_post", None)
    place = open_workplace(may_ask=not as_json and at_a_terminal())
    if needs is Needs.NOTHING:
        answer = work(place, **given)
    else:
        with _open_desk(place, needs, as_post) as desk:
            answer = work(desk, **given)
    Voice(place.calendar).answer(answer, as_json=as_json)
    return answer.code


def open_workplace(*, may_ask: bool = False) -> Workplace:
    """Settings, the present moment, and the calendar before any ledger's lists are known."""
    settings = read_settings()
    calendar = WorkCalendar(
        tz=settings.timezone,
        opens=settings.office_opens,
        closes=settings.office_closes,
        daily_at=settings.daily_at,
    )
    return Workplace(settings, clock(), calendar, may_ask)


def at_a_terminal() -> bool:
    """Whether a person sits there who can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def _open_desk(place: Workplace, needs: Needs, as_post: str | None) -> Iterator[Desk]:
    with place.database() as database:
        opened = database.reading if needs is Needs.READING else database.writing
        with opened() as session:
            place.calendar = calendar_of(session, place.calendar)
            by = _actor(session, place, needs, as_post)
            yield Desk(**vars(place), session=session, actor=by)


def _actor(session: Session, place: Workplace, needs: Needs, as_post: str | None) -> Actor:
    nobody = Actor(None, system_user())
    word = as_post or place.settings.as_post
    if needs is Needs.READING:
        return nobody
    if needs is Needs.IMPORTING and (not word or not has_posts(session)):
        return nobody
    if not word:
        raise click.ClickException(UNSIGNED)
    return actor(find_post(session, word, place.today))
