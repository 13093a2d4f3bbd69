"""Writing down what is owed (立行): the rows of an opening, a span of respondents at a time.

The statements are the same for every opening, so they are built once and run with its values.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    String,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from ledger.climb import Case, armed
from ledger.deadlines import Clock, Deadline, Fired, RungFire
from ledger.ladders import offsets
from ledger.obligations import Obligation, ObligationState
from ledger.opening import Opening
from ledger.respondents import respondents
from ledger.spans import Span
from ledger.sql import Insertion, Rows
from ledger.tallying import opened
from ledger.units import Respondent, Unit
from ledger.workdays import WorkCalendar

DELIVERABLE = bindparam("deliverable", type_=Integer)
PERIOD = bindparam("of_period", type_=String)
NOW = bindparam("now", type_=Obligation.opened_at.type)
TODAY = bindparam("today", type_=Date)
DUE = bindparam("until", type_=Date)

WRITTEN = (
    Obligation.deliverable_id == DELIVERABLE,
    Obligation.respondent_id.between(
        bindparam("first", type_=Integer), bindparam("last", type_=Integer)
    ),
    Obligation.period == PERIOD,
    Obligation.id > bindparam("before", type_=Integer),
)
"""The obligations just written: the period's, of the span, with ids above the last before."""


def write_obligations(
    session: Session, opening: Opening, span: Span, now: datetime, cal: WorkCalendar
) -> int:
    """Insert the missing rows of a span of respondents, with their deadlines; how many were new.

    Safe to repeat after a crash: rows already there are left alone.
    """
    d, today = opening.deliverable, cal.local_day(now)
    before = session.scalar(_last_obligation()) or 0
    which = {"deliverable": d.id, "of_period": opening.period, **span._asdict()}
    new = _obligations().into(
        session,
        **which,
        now=now,
        today=today,
        until=opening.due,
        asked_for=d.asked_min,
        locks_on=opening.lock_on,
        locks_at=cal.end_of(opening.lock_on) if opening.lock_on else None,
    )
    if new:
        which["before"] = before
        _tallies().into(session, **which)
        if opening.due is not None:
            _write_deadlines(session, opening, opening.due, which, now, cal)
    return new


def _write_deadlines(
    session: Session,
    opening: Opening,
    due: date,
    which: dict[str, Any],
    now: datetime,
    cal: WorkCalendar,
) -> None:
    d, today = opening.deliverable, cal.local_day(now)
    suppressed, position = armed(Case(offsets(session, d.ladder_id), due, today, today), cal)
    _deadlines().into(
        session,
        **which,
        campaign=d.campaign_id,
        ladder=d.ladder_id,
        until=due,
        today=today,
        first_rung=position.step.rung,
        first_repeat=position.step.repeat,
        next_on=cal.start_of(position.on) if position.on else None,
    )
    for fire in suppressed:
        _suppressed().into(
            session,
            **which,
            of_rung=fire.step.rung,
            of_repeat=fire.step.repeat,
            until=due,
            planned=fire.planned_on,
            now=now,
        )


@cache
def _last_obligation() -> Any:
    return select(func.max(Obligation.id))


@cache
def _obligations() -> Insertion:
    t = Obligation
    rows = (
        respondents(DELIVERABLE, TODAY)
        .with_only_columns(
            DELIVERABLE,
            Respondent.id,
            func.coalesce(Unit.unit_class, literal("岗位")),
            PERIOD,
            NOW,
            DUE,
            DUE,
            literal(ObligationState.OWED, t.state.type),
            bindparam("asked_for", type_=Integer),
            literal(0),
            bindparam("locks_on", type_=Date),
            bindparam("locks_at", type_=t.lock_at.type),
        )
        .where(
            Respondent.id.between(
                bindparam("first", type_=Integer), bindparam("last", type_=Integer)
            )
        )
        .order_by(Respondent.id)
    )
    columns = [t.deliverable_id, t.respondent_id, t.respondent_class, t.period, t.opened_at]
    columns += [t.scheduled_due, t.due, t.state, t.asked, t.received, t.lock_on, t.lock_at]
    return Insertion(t, columns, rows)


@cache
def _tallies() -> Insertion:
    return opened(*WRITTEN)


@cache
def _deadlines() -> Insertion:
    t = Deadline
    rows = select(
        Obligation.id,
        bindparam("campaign", type_=Integer),
        Obligation.respondent_id,
        bindparam("ladder", type_=Integer),
        DUE,
        TODAY,
        TODAY,
        literal(0),
        literal(0),
        literal(-1),
        bindparam("first_rung", type_=Integer),
        bindparam("first_repeat", type_=Integer),
        bindparam("next_on", type_=t.next_at.type),
        literal(Clock.RUNNING, t.clock.type),
    ).where(*WRITTEN)
    columns = [t.obligation_id, t.campaign_id, t.respondent_id, t.ladder_id, t.due, t.opened_on]
    columns += [t.armed_on, t.epoch, t.start_rung, t.told, t.next_rung, t.next_repeat, t.next_at]
    return Insertion(t, [*columns, t.clock], rows)


@cache
def _suppressed() -> Insertion:
    t = RungFire
    rung = bindparam("of_rung", type_=Integer)
    rows: Rows = (
        select(
            Deadline.id,
            literal(0),
            rung,
            bindparam("of_repeat", type_=Integer),
            rung,
            literal(Fired.SUPPRESSED, t.fired.type),
            DUE,
            bindparam("planned", type_=Date),
            NOW,
        )
        .join(Obligation, Deadline.obligation_id == Obligation.id)
        .where(*WRITTEN)
    )
    columns = [t.deadline_id, t.epoch, t.rung, t.repeat, t.from_rung, t.fired, t.due]
    return Insertion(t, [*columns, t.planned_on, t.decided_at], rows)
