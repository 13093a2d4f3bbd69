"""The rules once more, in plain loops over typed dates: what the ledger's answers are held to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, TypeAlias

from tests.ledger.state_council import YEARS
from tests.ledger.world import World

DAYS = [date(2017, 1, 1) + timedelta(days=n) for n in range(800)]
YEAR = next(year for year in YEARS if year.year == 2017)
UTC_TO_SHANGHAI = timedelta(hours=8)
OFFICE_HOURS = (time(8, 30), time(18, 0))

NOBODY_ABOVE = "活动办"


Closed: TypeAlias = frozenset[date]
"""The days on which the bureau is closed."""


def closed_days(world: World) -> Closed:
    """As they are stored."""
    return frozenset(day(row.day) for row in world.rows("SELECT day FROM closure_day"))


@cache
def works(day: date, closed: Closed) -> bool:
    """Whether the notices, or Monday to Friday, make it a working day, and nobody closed it."""
    if day in closed:
        return False
    return YEAR.is_workday(day) if day.year == 2017 else day.weekday() < 5


@cache
def shifted(day: date, n: int, closed: Closed) -> date:
    """n working days after the day, or before it; 0: the day itself."""
    step = timedelta(days=1 if n > 0 else -1)
    while n:
        day += step
        if works(day, closed):
            n -= 1 if n > 0 else -1
    return day


def local(text: str) -> datetime:
    """The wall clock of a stored moment."""
    return datetime.fromisoformat(text) + UTC_TO_SHANGHAI


def stored(moment: datetime) -> str:
    """A moment as the database writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def day(text: str) -> date:
    """A stored date."""
    return date.fromisoformat(text)


def in_office_hours(moment: datetime, closed: Closed) -> bool:
    """From 08:30 until before 18:00 of a working day."""
    opens, closes = OFFICE_HOURS
    return works(moment.date(), closed) and opens <= moment.time() < closes


def week(of: date) -> str:
    """An ISO week."""
    return "{}-W{:02}".format(*of.isocalendar())


def schedule(
    case: Any, rungs: list[Any], until: date, closed: Closed
) -> Iterator[tuple[int, int, date, bool]]:
    """(rung, repeat, day, suppressed) of every step planned up to a day."""
    opened, afresh = day(case.opened_on), bool(case.epoch or case.start_rung)
    for number, rung in enumerate(rungs):
        repeat = 0
        while True:
            planned = shifted(day(case.due), rung.offset + repeat * (rung.every or 0), closed)
            suppressed = not afresh and planned < opened
            if 0 < case.start_rung >= number and repeat == 0:
                planned, suppressed = day(case.armed_on), False
            elif not afresh and not suppressed and number:
                planned = max(planned, shifted(opened, 3, closed))
            if planned > until:
                return
            yield number, repeat, planned, suppressed
            if number < len(rungs) - 1 or not rung.every:
                break
            repeat += 1


class Offices:
    """Who holds which office on a day, read from the stored posts."""

    def __init__(self, world: World, on: date) -> None:
        posts = world.rows("SELECT * FROM post")
        self.posts = [
            post
            for post in posts
            if (post.valid_from or "") <= on.isoformat() <= (post.valid_until or "9999")
        ]
        self.over = {(row.post_id, row.unit_id) for row in world.rows("SELECT * FROM post_unit")}
        self.respondents = {row.id: row for row in world.rows("SELECT * FROM respondent")}

    def behind(self, respondent_id: int, role: str) -> set[int]:
        """The persons a rung for this office goes to; the campaign office where nobody is."""
        return self._holders(self.respondents[respondent_id], role) or self._with(NOBODY_ABOVE)

    def _holders(self, respondent: Any, role: str) -> set[int]:
        if role in ("领导小组", "活动办"):
            return self._with(role)
        if respondent.post_id is not None:
            return self._of_a_post(respondent.post_id, role)
        return {
            post.person_id
            for post in self.posts
            if post.role == role
            and (post.unit_id == respondent.unit_id or (post.id, respondent.unit_id) in self.over)
        }

    def _of_a_post(self, post_id: int, role: str) -> set[int]:
        if role == "责任领导":
            return self._with("活动办")
        if role not in ("联络员", "主要负责人"):
            return set()
        own = [post for post in self.posts if post.id == post_id]
        return {id for post in own for id in (post.person_id, post.deputy_id) if id}

    def _with(self, role: str) -> set[int]:
        return {post.person_id for post in self.posts if post.role == role}
