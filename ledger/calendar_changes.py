"""The calendar changes: a year's list is imported, or a day closed; open deadlines follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.calendars import calendar_of
from ledger.errors import Refused
from ledger.holidays import ClosureDay, HolidayDay, HolidayYear
from ledger.moved_dates import MoveRow, move_rows, tell_whose_due_moved
from ledger.projection import Cause, last_move, project_dates, project_openings
from ledger.rescheduling import project_reviews, project_rungs
from ledger.workdays import WorkCalendar, YearList

NAMED = 5
"""How many days a sentence names."""


@dataclass(frozen=True)
class CalendarChange:
    """What changed: days that rest now, days that are worked now, and the dates that moved.

    `calendar` is the one that holds from now on.
    """

    calendar: WorkCalendar
    rests: tuple[date, ...]
    works: tuple[date, ...]
    moves: tuple[MoveRow, ...]


def import_list(
    session: Session, listed: YearList, source: str, by: Actor, now: datetime, cal: WorkCalendar
) -> CalendarChange:
    """Keep the list in place of an earlier one of its year, and project what is open anew.

    Raises Refused when it would change a day that has passed.
    """
    session.execute(delete(HolidayDay).where(HolidayDay.list_year == listed.year))
    post_id = by.post.id if by.post else None
    session.merge(
        HolidayYear(
            year=listed.year,
            status=listed.status,
            source=source,
            imported_at=now,
            by_post_id=post_id,
        )
    )
    session.flush()
    named = {**dict.fromkeys(listed.off, False), **dict.fromkeys(listed.work, True)}
    session.add_all(
        HolidayDay(list_year=listed.year, day=day, works=works)
        for day, works in sorted(named.items())
    )
    session.flush()
    why = f"{listed.year}年放假安排导入（{source}）"
    return _changed(session, why, Act.IMPORTED, by, now, cal)


def close_day(
    session: Session, day: date, reason: str, by: Actor, now: datetime, cal: WorkCalendar
) -> CalendarChange:
    """The bureau is closed on a working day (停止办公); open deadlines follow.

    Raises Refused when the day has passed or rests anyway, or when no reason is given.
    """
    if not reason.strip():
        raise Refused("停止办公要写明理由。")
    if session.get(ClosureDay, day) is not None:
        raise Refused(f"{day} 已经登记为停止办公，不用再登记。")
    if day < cal.local_day(now):
        raise Refused(f"{day} 已经过去，不能再改为停止办公。")
    if not cal.is_workday(day):
        raise Refused(f"{day} 本来就不上班，不用登记停止办公。")
    post_id = by.post.id if by.post else None
    session.add(ClosureDay(day=day, reason=reason, decided_at=now, by_post_id=post_id))
    session.flush()
    return _changed(session, f"{day}停止办公：{reason}", Act.DAY_CLOSED, by, now, cal)


def _changed(
    session: Session, why: str, act: Act, by: Actor, now: datetime, cal: WorkCalendar
) -> CalendarChange:
    cause = Cause(cal, calendar_of(session, cal), why, by, now)
    days = _days_changed(session, cause)
    if passed := [day for day in days if day < cause.today]:
        raise Refused(_sentence_about(passed, cause))
    before = last_move(session)
    project_dates(session, cause)
    project_rungs(session, cause)
    project_reviews(session, cause)
    project_openings(session, cause)
    tell_whose_due_moved(session, before, cause)
    moves = move_rows(session, before)
    number = sum(row.count for row in moves)
    record(session, by, act, now, note=f"{why}；变动 {len(days)} 天，重新推算 {number} 个日期")
    works = tuple(day for day in days if cause.after.is_workday(day))
    return CalendarChange(
        cause.after, tuple(day for day in days if day not in works), works, tuple(moves)
    )


def _days_changed(session: Session, cause: Cause) -> list[date]:
    """The days on which the two calendars differ."""
    years = session.scalars(select(HolidayYear.year)).all()
    years = [*years, *(day.year for day in session.scalars(select(ClosureDay.day)))]
    first, last = date(min(years) - 1, 12, 1), date(max(years), 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if cause.before.is_workday(day) != cause.after.is_workday(day)]


def _sentence_about(passed: Sequence[date], cause: Cause) -> str:
    said = [
        f"{day}（{'改为上班' if cause.after.is_workday(day) else '改为放假'}）"
        for day in passed[:NAMED]
    ]
    rest = f"等 {len(passed)} 天" if len(passed) > NAMED else ""
    return (
        f"这份安排会改动已经过去的日子：{'、'.join(said)}{rest}；"
        "过去的日子不能再改，请使文件里这些天与当时一致后再导入。"
    )
