"""Periods: what a cycle cuts time into. Each is due on its last day.

A period is a natural ISO week (Monday to Sunday), 旬, month, quarter, half-year or year, clipped
to the deliverable's window. A week with fewer than three working days inside the window owes
nothing.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ledger.workdays import WorkCalendar

OWED_FROM = 3
"""Working days a week needs inside the window to owe something."""


class Cycle(StrEnum):
    """How often a thing is done.

    DAILY has no periods: what is done daily is reported by another cycle. PERIODIC (定期) and
    IRREGULAR (不定期) are repeated without a number in the notice.
    """

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    TEN_DAYS = "ten_days"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    PERIODIC = "periodic"
    IRREGULAR = "irregular"
    PER_EVENT = "per_event"


REPEATING = (
    Cycle.WEEKLY,
    Cycle.TEN_DAYS,
    Cycle.MONTHLY,
    Cycle.QUARTERLY,
    Cycle.HALF_YEARLY,
    Cycle.YEARLY,
)
"""The cycles that the calendar turns, the shortest first."""

BEGIN_WITH_A_ROW = (Cycle.ONCE, Cycle.PERIODIC)
"""One row without a period: of PERIODIC the first turn, which stays undated until it is dated."""

OPENED_BY_OFFICE = (Cycle.PERIODIC, Cycle.IRREGULAR, Cycle.PER_EVENT)
"""The office opens each turn; of PERIODIC each turn after the first."""

MONTHS = {Cycle.MONTHLY: 1, Cycle.QUARTERLY: 3, Cycle.HALF_YEARLY: 6, Cycle.YEARLY: 12}
"""The cycles made of whole months, and of how many."""


@dataclass(frozen=True)
class Period:
    """One turn of a cycle, both days included.

    Keys: 2017-W16, 2017-04-T1 (上旬), 2017-04, 2017-Q2, 2017-H1, 2017, once.
    """

    key: str
    first: date
    last: date


def period_of(
    cycle: Cycle,
    day: date,
    window_first: date | None,
    window_last: date | None,
    calendar: WorkCalendar,
) -> Period | None:
    """The period that holds `day`, clipped to the window; an end of the window may be open.

    None: the day is outside the window, its week owes nothing, the calendar does not turn the
    cycle, or it is ONCE and the window is open at one end (such an item has only a row).
    """
    first, last = window_first or date.min, window_last or date.max
    if not first <= day <= last:
        return None
    if cycle is Cycle.ONCE and window_first and window_last:
        return Period("once", first, last)
    if cycle not in REPEATING:
        return None
    natural = _natural(cycle, day)
    period = Period(natural.key, max(natural.first, first), min(natural.last, last))
    return period if _owes(cycle, period, calendar) else None


def next_period(
    cycle: Cycle,
    after: date,
    window_first: date | None,
    window_last: date | None,
    calendar: WorkCalendar,
) -> Period | None:
    """The first owed period that begins after the natural period holding `after`.

    Weeks that owe nothing are passed over. None: the window is over, or the cycle does not repeat.
    """
    if cycle not in REPEATING:
        return None
    day = max(_natural(cycle, after).last + timedelta(days=1), window_first or date.min)
    while window_last is None or day <= window_last:
        period = period_of(cycle, day, window_first, window_last, calendar)
        if period is not None:
            return period
        day = _natural(cycle, day).last + timedelta(days=1)
    return None


def period_named(
    cycle: Cycle, key: str, window_first: date | None, window_last: date | None
) -> Period:
    """The period with this key, clipped to the window, whether or not it owes something."""
    natural = _natural(cycle, _first_day(key))
    first, last = window_first or date.min, window_last or date.max
    return Period(key, max(natural.first, first), min(natural.last, last))


def _first_day(key: str) -> date:
    """The first day of the whole period with this key."""
    year, *parts = key.split("-")
    day = date(int(year), 1, 1)
    for letter, number in ((part[0], part[1:]) for part in parts):
        match letter:
            case "W":
                day = date.fromisocalendar(day.year, int(number), 1)
            case "T":
                day = day.replace(day=int(number) * 10 - 9)
            case "Q":
                day = day.replace(month=int(number) * 3 - 2)
            case "H":
                day = day.replace(month=int(number) * 6 - 5)
            case _:
                day = day.replace(month=int(letter + number))
    return day


def _owes(cycle: Cycle, period: Period, calendar: WorkCalendar) -> bool:
    if cycle is not Cycle.WEEKLY:
        return True
    return calendar.count(period.first - timedelta(days=1), period.last) >= OWED_FROM


def _natural(cycle: Cycle, day: date) -> Period:
    """The whole period of the calendar that holds `day`."""
    if cycle is Cycle.WEEKLY:
        return _week(day)
    if cycle is Cycle.TEN_DAYS:
        return _ten_days(day)
    return _months(cycle, day)


def _week(day: date) -> Period:
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    return Period(f"{year}-W{week:02}", monday, monday + timedelta(days=6))


def _ten_days(day: date) -> Period:
    part = min((day.day - 1) // 10, 2)
    last = _month_end(day.year, day.month) if part == 2 else day.replace(day=part * 10 + 10)
    return Period(f"{day:%Y-%m}-T{part + 1}", day.replace(day=part * 10 + 1), last)


def _months(cycle: Cycle, day: date) -> Period:
    length = MONTHS[cycle]
    part = (day.month - 1) // length
    first = date(day.year, part * length + 1, 1)
    key = {
        Cycle.MONTHLY: f"{day:%Y-%m}",
        Cycle.QUARTERLY: f"{day:%Y}-Q{part + 1}",
        Cycle.HALF_YEARLY: f"{day:%Y}-H{part + 1}",
        Cycle.YEARLY: f"{day:%Y}",
    }[cycle]
    return Period(key, first, _month_end(day.year, part * length + length))


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
