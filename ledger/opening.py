"""Opening periods: when a period begins, what is owed is written down, one row per respondent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, CampaignState, Deliverable
from ledger.periods import (
    BEGIN_WITH_A_ROW,
    OPENED_BY_OFFICE,
    REPEATING,
    Cycle,
    Period,
    next_period,
    period_of,
)
from ledger.plan_parts import rolled
from ledger.workdays import WorkCalendar

LOCK_AFTER_DUE = 5
"""Working days after the due date, as extended, before which no obligation locks."""

LOCK_WITHOUT_NEXT = 20
"""Working days after the due date at which an obligation without a next period locks."""


@dataclass(frozen=True)
class Opening:
    """One period of one deliverable, about to be written down."""

    deliverable: Deliverable
    period: str
    due: date | None
    lock_on: date | None


class Begun(NamedTuple):
    """A period of a deliverable that has begun on a day, and is not all written."""

    deliverable: Deliverable
    day: date


def first_begun(session: Session, now: datetime, cal: WorkCalendar) -> Begun | None:
    """The first to open; None: there is nothing to open."""
    found = session.scalar(_begun(now, cal).order_by(Deliverable.id).limit(1))
    if found is None or found.next_open_on is None:
        return None
    return Begun(found, found.next_open_on)


def is_to_open(session: Session, begun: Begun, now: datetime, cal: WorkCalendar) -> bool:
    """Whether it still is; the row is read anew, for others change it too."""
    deliverable, day = begun
    same = (Deliverable.id == deliverable.id, Deliverable.next_open_on == day)
    return session.scalar(_begun(now, cal).where(*same)) is not None


def _begun(now: datetime, cal: WorkCalendar) -> Select[Deliverable]:
    return (
        select(Deliverable)
        .join(Campaign)
        .where(
            Deliverable.next_open_on <= cal.local_day(now),
            Campaign.state == CampaignState.RUNNING,
        )
        .execution_options(populate_existing=True)
    )


def opening_of_begun(begun: Begun, now: datetime, cal: WorkCalendar) -> Opening | None:
    """Its dates; None: the week has lost its working days, and so owes nothing."""
    deliverable, day = begun
    period = _natural_period(deliverable, day, cal)
    if period is None and deliverable.cycle in REPEATING:
        return None
    return opening_of(deliverable, period, now, cal)


def plan_next_opening(begun: Begun, cal: WorkCalendar) -> None:
    """All its rows are written: the period after it is the next to open."""
    following = _following(*begun, cal)
    begun.deliverable.next_open_on = following.first if following else None


def opening_of(
    deliverable: Deliverable, period: Period | None, now: datetime, cal: WorkCalendar
) -> Opening:
    """The due date and the lock of a period; a one-off item has period None."""
    if period is None:
        due = one_off_due(deliverable, cal.local_day(now), cal)
        return Opening(deliverable, Cycle.ONCE.value, due, lock_on(due, None, cal) if due else None)
    due = rolled(_clip(deliverable, period.last), deliverable.roll, cal)
    following = _following(deliverable, period.first, cal)
    next_due = (
        rolled(_clip(deliverable, following.last), deliverable.roll, cal) if following else None
    )
    return Opening(deliverable, period.key, due, lock_on(due, next_due, cal))


def one_off_due(deliverable: Deliverable, opened_on: date, cal: WorkCalendar) -> date | None:
    """The due date of a one-off or event-bound row opened on that day; None: undated."""
    if deliverable.due_on is not None:
        return rolled(deliverable.due_on, deliverable.roll, cal)
    if deliverable.due_stage_end and deliverable.stage is not None:
        return deliverable.stage.due
    if deliverable.due_after_opening is not None:
        return cal.shift(_opened_on(deliverable, opened_on, cal), deliverable.due_after_opening)
    return None


def _opened_on(deliverable: Deliverable, row_opened_on: date, cal: WorkCalendar) -> date:
    """What `opened + n` counts from: the stage's opening; the row's where the office opens it."""
    stage = deliverable.stage
    if deliverable.cycle in OPENED_BY_OFFICE or stage is None or stage.opened_at is None:
        return row_opened_on
    return cal.local_day(stage.opened_at)


def first_opening(deliverable: Deliverable, launched_on: date, cal: WorkCalendar) -> date | None:
    """The first day on which the deliverable opens a row, or None (left to the office, or over).

    No row is made for a period that ended before launch.
    """
    if waits_for_stage(deliverable):
        return None
    start = max(launched_on, deliverable.first_on or launched_on)
    if deliverable.cycle in BEGIN_WITH_A_ROW:
        return start
    period = period_of(deliverable.cycle, start, deliverable.first_on, last_day(deliverable), cal)
    period = period or next_period(
        deliverable.cycle, start, deliverable.first_on, last_day(deliverable), cal
    )
    return max(period.first, launched_on) if period else None


def waits_for_stage(deliverable: Deliverable) -> bool:
    """Its date counts from an opening that has not happened yet."""
    stage = deliverable.stage
    return (
        deliverable.due_after_opening is not None and stage is not None and stage.opened_at is None
    )


def lock_on(due: date, next_due: date | None, cal: WorkCalendar) -> date:
    """The latest of the next period's due date (none: due + 20 working days) and due + 5."""
    late = next_due if next_due is not None else cal.shift(due, LOCK_WITHOUT_NEXT)
    return max(late, cal.shift(due, LOCK_AFTER_DUE))


def _natural_period(d: Deliverable, day: date, cal: WorkCalendar) -> Period | None:
    if d.cycle not in REPEATING:
        return None
    return period_of(d.cycle, day, d.first_on, last_day(d), cal)


def _following(d: Deliverable, day: date, cal: WorkCalendar) -> Period | None:
    return next_period(d.cycle, day, d.first_on, last_day(d), cal)


def last_day(d: Deliverable) -> date | None:
    """The last day on which it is asked: its window's, or the campaign's end if earlier."""
    ends = [day for day in (d.last_on, d.campaign.ends_on) if day is not None]
    return min(ends, default=None)


def _clip(d: Deliverable, day: date) -> date:
    """Due on the period's last day, or the campaign's end if earlier."""
    end = d.campaign.ends_on
    return min(day, end) if end else day
