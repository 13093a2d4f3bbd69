"""Rates: what is owed, received and on time. One rule for every page, paper and demo.

A past rate never changes: rows are frozen when their period opens, the first receipt decides "on
time", and who is exempted (免报) only after the due date still counts as having owed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CTE, ColumnElement, Date, case, column, func, null, or_, select, values
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.base import Moment
from ledger.campaigns import Campaign, Deliverable
from ledger.obligations import Obligation, ObligationState
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Counts:
    """Obligations counted: `received` and `on_time` are of the `owed`, never more.

    On time is who was first received (with a quota: reached it) by 24:00 of the due date, as
    extended. `exempt` were released before that.
    """

    owed: int = 0
    received: int = 0
    on_time: int = 0
    accepted: int = 0
    missed: int = 0
    exempt: int = 0

    @property
    def unsettled(self) -> int:
        """Neither received nor locked yet."""
        return self.owed - self.received - self.missed

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self.plain(), other.plain(), strict=True)))

    def plain(self) -> tuple[int, ...]:
        """The numbers in the order of the fields."""
        return tuple(vars(self).values())


def counts_by(
    session: Session,
    campaign: Campaign,
    cal: WorkCalendar,
    by: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> dict[int | None, Counts]:
    """A campaign's counts by a column of its deliverables, such as their stage or their id."""
    mine = select(Deliverable.id).where(Deliverable.campaign_id == campaign.id)
    of_campaign = Obligation.deliverable_id.in_(mine)
    due_dates = session.scalars(select(Obligation.due).where(of_campaign).distinct())
    ends = _day_ends(filter(None, due_dates), cal)
    first = Obligation.first_received_at
    owed = or_(Obligation.exempted_at.is_(null()), Obligation.exempted_at >= ends.c.ends_at)
    released = Obligation.exempted_at.is_not(null()) & (
        ends.c.ends_at.is_(null()) | (Obligation.exempted_at < ends.c.ends_at)
    )
    punctual = first.is_not(null()) & (Obligation.due.is_(null()) | (first < ends.c.ends_at))
    rows = session.execute(
        select(
            by,
            _number(owed),
            _number(owed & first.is_not(null())),
            _number(owed & punctual),
            _number(Obligation.state == ObligationState.ACCEPTED),
            _number(Obligation.state == ObligationState.MISSED),
            _number(released),
        )
        .select_from(Obligation)
        .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .outerjoin(ends, ends.c.day == Obligation.due)
        .where(of_campaign)
        .group_by(by)
    )
    return {key: Counts(*numbers) for key, *numbers in rows}


def _day_ends(days: Iterable[date], cal: WorkCalendar) -> CTE:
    """The moment each day ends, in its own zone, as a table."""
    # One row that no due date meets keeps the statement valid when there are none.
    rows = [(day, cal.end_of(day)) for day in (*days, date(1970, 1, 1))]
    columns = (column("day", Date), column("ends_at", Moment))
    return values(*columns, name="day_end").data(rows).cte("day_end")


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
