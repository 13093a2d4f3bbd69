"""Opening periods: when a period begins, what is owed is written down, one row per respondent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    exists,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.campaigns import Campaign, CampaignState, Deliverable
from ledger.climb import Case, armed
from ledger.deadlines import Clock, Deadline, Fired, RungFire
from ledger.ladders import offsets
from ledger.obligations import Obligation, ObligationState
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
from ledger.respondents import respondents
from ledger.sql import insert_new
from ledger.units import Respondent, Unit
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


def open_one_batch(session: Session, now: datetime, cal: WorkCalendar, batch: int) -> bool:
    """Write at most `batch` rows of a period that has begun; False when nothing was to open.

    Safe to repeat after a crash: rows already there are left alone.
    """
    deliverable = session.scalar(
        select(Deliverable)
        .join(Campaign)
        .where(
            Deliverable.next_open_on <= cal.local_day(now),
            Campaign.state == CampaignState.RUNNING,
        )
        .order_by(Deliverable.id)
        .limit(1)
    )
    if deliverable is None or deliverable.next_open_on is None:
        return False
    period = _natural_period(deliverable, deliverable.next_open_on, cal)
    over = period is None and deliverable.cycle in REPEATING
    opening = opening_of(deliverable, period, now, cal)
    # A week may have lost its working days since it was planned: then it owes nothing.
    if over or write_obligations(session, opening, now, cal, batch) < batch:
        following = _following(deliverable, deliverable.next_open_on, cal)
        deliverable.next_open_on = following.first if following else None
    return True


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


def write_obligations(
    session: Session, opening: Opening, now: datetime, cal: WorkCalendar, batch: int
) -> int:
    """Insert up to `batch` missing rows of the period with their deadlines; how many were new."""
    d = opening.deliverable
    there = exists().where(
        Obligation.deliverable_id == d.id,
        Obligation.respondent_id == Respondent.id,
        Obligation.period == opening.period,
    )
    lock_at = cal.end_of(opening.lock_on) if opening.lock_on else None
    rows = (
        respondents(d.id, cal.local_day(now))
        .with_only_columns(
            literal(d.id),
            Respondent.id,
            func.coalesce(Unit.unit_class, literal("岗位")),
            literal(opening.period),
            literal(now, Obligation.opened_at.type),
            _literal(opening.due, Obligation.scheduled_due),
            _literal(opening.due, Obligation.due),
            literal(ObligationState.OWED, Obligation.state.type),
            literal(d.asked_min),
            literal(0),
            _literal(opening.lock_on, Obligation.lock_on),
            _literal(lock_at, Obligation.lock_at),
        )
        .where(~there)
        .order_by(Respondent.id)
        .limit(batch)
    )
    t = Obligation
    columns = [t.deliverable_id, t.respondent_id, t.respondent_class, t.period, t.opened_at]
    columns += [t.scheduled_due, t.due, t.state, t.asked, t.received, t.lock_on, t.lock_at]
    new = insert_new(session, t, columns, rows)
    if new and opening.due is not None:
        _write_deadlines(session, opening, opening.due, now, cal)
    return new


def _literal(value: object, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return literal(value, column.type) if value is not None else null()


def _write_deadlines(
    session: Session, opening: Opening, due: date, now: datetime, cal: WorkCalendar
) -> None:
    d, day = opening.deliverable, cal.local_day(now)
    case = Case(offsets(session, d.ladder_id), due, day, day)
    suppressed, position = armed(case, cal)
    t = Deadline
    without = (
        select(
            Obligation.id,
            literal(d.campaign_id),
            Obligation.respondent_id,
            literal(d.ladder_id),
            literal(due, t.due.type),
            literal(day, t.opened_on.type),
            literal(day, t.armed_on.type),
            literal(0),
            literal(0),
            literal(-1),
            literal(position.step.rung),
            literal(position.step.repeat),
            _literal(cal.start_of(position.on) if position.on else None, t.next_at),
            literal(Clock.RUNNING, t.clock.type),
        )
        .outerjoin(t, t.obligation_id == Obligation.id)
        .where(
            Obligation.deliverable_id == d.id,
            Obligation.period == opening.period,
            t.id.is_(None),
        )
    )
    columns = [t.obligation_id, t.campaign_id, t.respondent_id, t.ladder_id, t.due, t.opened_on]
    columns += [t.armed_on, t.epoch, t.start_rung, t.told, t.next_rung, t.next_repeat, t.next_at]
    insert_new(session, t, [*columns, t.clock], without)
    for fire in suppressed:
        _write_suppressed(session, opening, fire.step, fire.planned_on, due, now)


def _write_suppressed(
    session: Session,
    opening: Opening,
    step: tuple[int, int],
    planned_on: date,
    due: date,
    now: datetime,
) -> None:
    t = RungFire
    rows = (
        select(
            Deadline.id,
            literal(0),
            literal(step[0]),
            literal(step[1]),
            literal(step[0]),
            literal(Fired.SUPPRESSED, t.fired.type),
            literal(due, t.due.type),
            literal(planned_on, t.planned_on.type),
            literal(now, t.decided_at.type),
        )
        .join(Obligation, Deadline.obligation_id == Obligation.id)
        .where(
            Obligation.deliverable_id == opening.deliverable.id,
            Obligation.period == opening.period,
        )
    )
    columns = [t.deadline_id, t.epoch, t.rung, t.repeat, t.from_rung, t.fired, t.due]
    insert_new(session, t, [*columns, t.planned_on, t.decided_at], rows)


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
