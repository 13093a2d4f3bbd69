"""The calendar of a ledger: the hours of the place, with the lists and closed days kept in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.holidays import ClosureDay, HolidayDay, HolidayYear
from ledger.sql import Record
from ledger.workdays import WorkCalendar, YearList

LISTS = (
    select(HolidayYear.year, HolidayYear.status, HolidayDay.day, HolidayDay.works)
    .outerjoin(HolidayDay, HolidayDay.list_year == HolidayYear.year)
    .order_by(HolidayYear.year)
)
CLOSED = select(ClosureDay.day)


def calendar_of(session: Session, base: WorkCalendar) -> WorkCalendar:
    """The calendar to go by in this transaction: `base`, and all that has been imported.

    Read it anew in every transaction, since the office may import a list at any time.
    """
    lists, closed = session.execute(LISTS).all(), session.scalars(CLOSED).all()
    if not lists and not closed:
        return base
    return base.knowing({known.year: known for known in _year_lists(lists)}, closed)


def _year_lists(rows: Iterable[Record]) -> Iterable[YearList]:
    for (year, status), group in groupby(rows, key=lambda row: (row.year, row.status)):
        days = {row.day: row.works for row in group if row.day is not None}
        yield YearList(
            year,
            status,
            off=frozenset(day for day, works in days.items() if not works),
            work=frozenset(day for day, works in days.items() if works),
        )


@dataclass(frozen=True)
class ClosedDay:
    """A working day on which the bureau is closed."""

    day: date
    reason: str


@dataclass(frozen=True)
class YearRow:
    """A year as the ledger has it. `off` are spans of rest that take in a weekday, both ends
    included; `source` and `imported_at` are None where no list was imported.
    """

    year: int
    published: bool
    source: str | None
    imported_at: datetime | None
    off: tuple[tuple[date, date], ...]
    work: tuple[date, ...]
    closed: tuple[ClosedDay, ...]


def year_row(session: Session, year: int, cal: WorkCalendar) -> YearRow:
    """The year, with the days of the December before that its list names."""
    listed = session.get(HolidayYear, year)
    first, last = date(year, 1, 1), date(year, 12, 31)
    named = select(HolidayDay.day).where(HolidayDay.list_year == year, HolidayDay.day < first)
    days = [*session.scalars(named.order_by(HolidayDay.day))]
    days += [first + timedelta(days=n) for n in range((last - first).days + 1)]
    closed = session.scalars(
        select(ClosureDay).where(ClosureDay.day.between(first, last)).order_by(ClosureDay.day)
    )
    return YearRow(
        year=year,
        published=not cal.provisional(first),
        source=listed.source if listed else None,
        imported_at=listed.imported_at if listed else None,
        off=tuple(_spans(days, cal)),
        work=tuple(day for day in days if day.weekday() >= 5 and cal.is_workday(day)),
        closed=tuple(ClosedDay(row.day, row.reason) for row in closed),
    )


def _spans(days: Sequence[date], cal: WorkCalendar) -> Iterable[tuple[date, date]]:
    """Runs of days of rest that are more than a weekend."""
    resting = [day for day in days if not cal.is_workday(day)]
    for _, run in groupby(enumerate(resting), key=lambda pair: pair[1].toordinal() - pair[0]):
        span = [day for _, day in run]
        if any(day.weekday() < 5 for day in span):
            yield span[0], span[-1]
