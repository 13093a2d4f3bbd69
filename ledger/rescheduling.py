"""The next moments of running clocks when the calendar changes: rungs, and waiting reviews."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, delete, literal, null, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.campaigns import Campaign, CampaignState
from ledger.climb import Case, Fire, Position, Step, rescheduled
from ledger.climbing import COLUMNS, Group
from ledger.date_moves import DateMove, Moved
from ledger.deadlines import Clock, Deadline, Fired, RungFire
from ledger.ladders import offsets
from ledger.obligations import Obligation, ObligationState
from ledger.problems import CLOCK_STANDS, Problem
from ledger.projection import MOVE_COLUMNS, Cause, Dates, move_values
from ledger.sql import insert_new

RUNS = (Deadline.clock == Clock.RUNNING, Deadline.set_aside.is_(null()))


def project_rungs(session: Session, cause: Cause) -> None:
    """The next rung of every running clock, those alike together; what has fired stays fired.

    Due dates must have moved before.
    """
    rows = session.execute(
        select(*COLUMNS)
        .join(Campaign, Campaign.id == Deadline.campaign_id)
        .where(*RUNS, Campaign.state == CampaignState.RUNNING)
        .distinct()
    ).all()
    for row in rows:
        _reschedule(session, Group(*row), cause)


def _reschedule(session: Session, group: Group, cause: Cause) -> None:
    standing = Case(
        offsets(session, group.ladder_id),
        group.due,
        group.opened_on,
        group.armed_on,
        group.epoch,
        group.start_rung,
    )
    on = cause.before.local_day(group.next_at) if group.next_at else None
    at = Position(Step(group.next_rung, group.next_repeat), on, group.told)
    suppressed, place = rescheduled(standing, at, cause.today, cause.after)
    if place == at:
        return
    same = (column == value for column, value in zip(COLUMNS, group, strict=True))
    alike = select(Deadline.id).where(*same, *RUNS)
    _revive(session, alike, group.epoch, place.step, at.step)
    for fire in suppressed:
        _suppress(session, alike, group, fire, cause)
    _record(session, alike, (at.on, place.on), cause)
    session.execute(
        update(Deadline)
        .where(Deadline.id.in_(alike.scalar_subquery()))
        .values(
            next_rung=place.step.rung,
            next_repeat=place.step.repeat,
            next_at=cause.after.start_of(place.on) if place.on else None,
        )
        .execution_options(synchronize_session=False)
    )


def _revive(session: Session, alike: Select[int], epoch: int, first: Step, before: Step) -> None:
    """Steps from `first` on that were suppressed are ahead again: the note that they were goes."""
    if first < before:
        session.execute(
            delete(RungFire)
            .where(
                RungFire.deadline_id.in_(alike.scalar_subquery()),
                RungFire.epoch == epoch,
                RungFire.rung >= first.rung,
                RungFire.fired == Fired.SUPPRESSED,
            )
            .execution_options(synchronize_session=False)
        )


def _suppress(session: Session, alike: Select[int], group: Group, fire: Fire, cause: Cause) -> None:
    t = RungFire
    rows = alike.with_only_columns(
        Deadline.id,
        Deadline.epoch,
        literal(fire.step.rung),
        literal(fire.step.repeat),
        literal(fire.from_rung),
        literal(fire.fired, t.fired.type),
        literal(group.due, t.due.type),
        literal(fire.planned_on, t.planned_on.type),
        literal(cause.now, t.decided_at.type),
    )
    columns = [t.deadline_id, t.epoch, t.rung, t.repeat, t.from_rung, t.fired, t.due]
    insert_new(session, t, [*columns, t.planned_on, t.decided_at], rows)


def _record(session: Session, alike: Select[int], days: Dates, cause: Cause) -> None:
    if days[0] != days[1]:
        rows = alike.with_only_columns(
            Deadline.obligation_id, Deadline.problem_id, *move_values(Moved.RUNG, days, cause)
        )
        insert_new(session, DateMove, MOVE_COLUMNS, rows.order_by(Deadline.id))


def project_reviews(session: Session, cause: Cause) -> None:
    """The days on which the office is reminded of what waits for its review."""
    waits = Obligation.state == ObligationState.SUBMITTED
    _project_reviews(session, Obligation.review_at, waits, (Obligation.id, null()), cause)
    verifies = Problem.state.in_(CLOCK_STANDS)
    _project_reviews(session, Problem.review_at, verifies, (null(), Problem.id), cause)


def _project_reviews(
    session: Session,
    review_at: InstrumentedAttribute[Any],
    waiting: Any,
    subject: tuple[Any, Any],
    cause: Cause,
) -> None:
    days = {
        moment: cause.before.local_day(moment)
        for moment in session.scalars(
            select(review_at).where(waiting, review_at > cause.now).distinct()
        )
    }
    moves = {moment: (day, cause.carried(day)) for moment, day in days.items()}
    moves = {moment: dates for moment, dates in moves.items() if dates[0] != dates[1]}
    for moment, dates in moves.items():
        rows = select(*subject, *move_values(Moved.RUNG, dates, cause))
        insert_new(session, DateMove, MOVE_COLUMNS, rows.where(waiting, review_at == moment))
    if moves:
        becomes = case(
            *(
                (review_at == moment, literal(cause.after.start_of(new), review_at.type))
                for moment, (_, new) in moves.items()
            )
        )
        session.execute(
            update(review_at.class_)
            .where(waiting, review_at.in_(list(moves)))
            .values({review_at.key: becomes})
            .execution_options(synchronize_session=False)
        )
