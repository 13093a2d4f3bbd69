"""Counting obligations one by one: what each adds to the counts, in Python and in SQL alike.

A day ends in the time zone of the campaign, wherever the reader sits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    String,
    and_,
    case,
    column,
    func,
    literal,
    null,
    or_,
    select,
    values,
)
from sqlalchemy.orm import Session

from ledger.base import Moment
from ledger.campaigns import Campaign, Deliverable
from ledger.obligations import Obligation, ObligationState
from ledger.rates import Counts
from ledger.sql import Rows
from ledger.workdays import WorkCalendar


class Facts(NamedTuple):
    """What decides how an obligation counts."""

    due: Any
    state: Any
    first_received_at: Any
    exempted_at: Any


STORED = Facts(*(getattr(Obligation, name) for name in Facts._fields))
"""The facts as they stand in the table."""

KEY = (Obligation.deliverable_id, Obligation.period, Obligation.respondent_class)
"""What is counted together."""

Where = Iterable[ColumnElement[bool]]


def counts_of(facts: Facts, timezone: str) -> Counts:
    """What one obligation adds to the counts."""
    ends_at = day_end(facts.due, timezone) if facts.due else None
    first, exempted = facts.first_received_at, facts.exempted_at
    released = exempted is not None and (ends_at is None or exempted < ends_at)
    received = first is not None and not released
    return Counts(
        owed=int(not released),
        received=int(received),
        on_time=int(received and (ends_at is None or first < ends_at)),
        accepted=int(facts.state is ObligationState.ACCEPTED),
        missed=int(facts.state is ObligationState.MISSED),
        exempt=int(released),
    )


Numbers = dict[str, ColumnElement[int]]
"""How much an obligation adds to each count, by the count's name."""


def numbers_of(facts: Facts, ends_at: ColumnElement[datetime]) -> Numbers:
    """The SQL twin of `counts_of`."""
    return timed_numbers(facts, ends_at) | settled_numbers(facts)


def timed_numbers(facts: Facts, ends_at: ColumnElement[datetime]) -> Numbers:
    """The counts that depend on when the due date ended."""
    first, exempted = facts.first_received_at, facts.exempted_at
    owed = or_(exempted.is_(null()), exempted >= ends_at)
    received = owed & first.is_not(null())
    released = exempted.is_not(null()) & or_(ends_at.is_(null()), exempted < ends_at)
    return {
        "owed": _one_if(owed),
        "received": _one_if(received),
        "on_time": _one_if(received & or_(ends_at.is_(null()), first < ends_at)),
        "exempt": _one_if(released),
    }


def settled_numbers(facts: Facts) -> Numbers:
    """The counts that depend on the state alone."""
    return {
        "accepted": _one_if(facts.state == ObligationState.ACCEPTED),
        "missed": _one_if(facts.state == ObligationState.MISSED),
    }


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _sums(numbers: Numbers) -> Iterator[ColumnElement[int]]:
    return (func.sum(numbers.get(name, literal(0))) for name in vars(Counts()))


def counted(session: Session, where: Where = ()) -> Rows:
    """Obligations counted one by one: by deliverable, period and class of respondents."""
    ends = day_ends(session, where)
    return _timed(ends).add_columns(*_sums(numbers_of(STORED, ends.c.ends_at))).where(*where)


def difference(session: Session, where: Where, change: Mapping[str, Any]) -> Rows:
    """By how much the counts of the obligations that meet the conditions would change."""
    new_facts = STORED._replace(
        **{name: literal(change[name], getattr(STORED, name).type) for name in change}
    )
    if change.keys() == {"state"}:
        numbers = _less(settled_numbers(new_facts), settled_numbers(STORED))
        return select(*KEY, *_sums(numbers)).where(*where).group_by(*KEY)
    dues = [change["due"]] if change.get("due") else []
    ends = day_ends(session, where, dues)
    then = ends.alias("then")
    numbers = _less(numbers_of(new_facts, then.c.ends_at), numbers_of(STORED, ends.c.ends_at))
    both = _timed(ends).outerjoin(then, _same_day(then, new_facts.due))
    return both.add_columns(*_sums(numbers)).where(*where)


def _less(new: Numbers, old: Numbers) -> Numbers:
    return {name: new[name] - old[name] for name in new}


def _timed(ends: CTE) -> Rows:
    return (
        select(*KEY)
        .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .outerjoin(ends, _same_day(ends, Obligation.due))
        .group_by(*KEY)
    )


def _same_day(ends: Any, due: Any) -> ColumnElement[bool]:
    return and_(ends.c.timezone == Campaign.timezone, ends.c.day == due)


def day_ends(session: Session, where: Where, also: Iterable[date] = ()) -> CTE:
    """The moment each due date ends in its campaign's zone, as a table (timezone, day, ends_at)."""
    found = session.execute(
        select(Campaign.timezone, Obligation.due)
        .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .where(*where)
        .distinct()
    ).all()
    days = {(zone, day) for zone, due in found for day in (due, *also) if day is not None}
    # One row that no campaign meets keeps the statement valid when there are none.
    day = date(1970, 1, 1)
    rows = [("", day, day_end(day, "UTC"))]
    rows += [(zone, day, day_end(day, zone)) for zone, day in sorted(days)]
    columns = (column("timezone", String), column("day", Date), column("ends_at", Moment))
    return values(*columns, name="ends").data(rows).cte("day_end")


def day_end(day: date, timezone: str) -> datetime:
    """24:00 of the day in that zone."""
    return _calendar(timezone).end_of(day)


@cache
def _calendar(timezone: str) -> WorkCalendar:
    return WorkCalendar(ZoneInfo(timezone))
