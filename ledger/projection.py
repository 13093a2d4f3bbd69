"""Open deadlines projected anew when the calendar changes: each move recorded with its reason.

A date the notice names never moves of itself: only what was counted in working days or rolled off
a rest day does, with the locks that hang on it. What has been received keeps its due date, and
nothing moves into the past.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, null, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.audit import Actor
from ledger.campaigns import OVER, Campaign, Deliverable
from ledger.date_moves import DateMove, Moved
from ledger.deadlines import Deadline
from ledger.extensions import Extension, ExtensionOutcome
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.opening import LOCK_AFTER_DUE
from ledger.periods import Cycle
from ledger.row_dates import next_opening, opening_again
from ledger.sql import insert_new
from ledger.workdays import WorkCalendar

OPEN = (*TAKES_HAND_IN, ObligationState.SUBMITTED)

Dates = tuple[date | None, date | None]
"""What stood, and what stands now."""


@dataclass(frozen=True)
class Cause:
    """Why dates move: the calendar before and after, in words, by whom and when.

    The two calendars agree on every day that has passed.
    """

    before: WorkCalendar
    after: WorkCalendar
    why: str
    by: Actor
    now: datetime

    @property
    def today(self) -> date:
        """The day it is."""
        return self.after.local_day(self.now)

    def carried(self, day: date) -> date:
        """A day still ahead that was counted in working days, counted by the new calendar."""
        if day < self.today or not self.before.is_workday(day):
            return day
        yesterday = self.today - timedelta(days=1)
        return self.after.shift(yesterday, self.before.count(yesterday, day))


class Standing(NamedTuple):
    """What obligations whose dates move alike have in common.

    `chosen`: 1 where a person chose the date of the correction, which therefore stays.
    """

    deliverable_id: int
    period: str
    opened_at: datetime
    state: ObligationState
    due: date | None
    correction_due: date | None
    lock_on: date | None
    chosen: int


CHOSEN = case(
    (
        exists().where(
            Extension.obligation_id == Obligation.id,
            Extension.outcome == ExtensionOutcome.GRANTED,
            Extension.new_due == Obligation.correction_due,
        ),
        1,
    ),
    else_=0,
)
COLUMNS = (*(getattr(Obligation, name) for name in Standing._fields[:-1]), CHOSEN)

WEEKS = Obligation.period < "a"
"""Keys of weeks begin with their year; rows from before a plan was amended may have other keys."""

DATES = {
    Moved.DUE: Obligation.due,
    Moved.CORRECTION: Obligation.correction_due,
    Moved.LOCK: Obligation.lock_on,
}
"""The dates of an obligation that can move. The first two are also what its clock runs towards."""


def project_dates(session: Session, cause: Cause) -> None:
    """Due dates, corrections and locks of what is still open, those alike together.

    First every move is written down, then all are carried out: none is taken for another's start.
    """
    before = last_move(session)
    unlocked = or_(Obligation.lock_at.is_(null()), Obligation.lock_at > cause.now)
    rows = session.execute(
        select(*COLUMNS)
        .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .where(Campaign.state.not_in(OVER), Obligation.state.in_(OPEN), unlocked)
        .distinct()
    ).all()
    for row in rows:
        _write_moves(session, Standing(*row), cause)
    for moved, column in DATES.items():
        _carry_out(session, moved, column, before, cause)


def last_move(session: Session) -> int:
    """The number of the last move written, 0 before the first."""
    return session.scalar(select(func.max(DateMove.id))) or 0


def _write_moves(session: Session, old: Standing, cause: Cause) -> None:
    new = _projected(session, old, cause)
    alike = [column == value for column, value in zip(COLUMNS, old, strict=True)]
    for moved, column in DATES.items():
        dates = getattr(old, column.key), getattr(new, column.key)
        if dates[0] != dates[1]:
            values = move_values(moved, dates, cause)
            rows = select(Obligation.id, null(), *values).where(*alike).order_by(Obligation.id)
            insert_new(session, DateMove, MOVE_COLUMNS, rows)


def _projected(session: Session, old: Standing, cause: Cause) -> Standing:
    deliverable = session.get_one(Deliverable, old.deliverable_id)
    was = opening_again(deliverable, old.period, old.opened_at, cause.before)
    now = opening_again(deliverable, old.period, old.opened_at, cause.after)
    due, correction = old.due, old.correction_due
    if old.state is ObligationState.OWED and due == was.due:
        due = _not_past(due, now.due, cause.today)
    if old.state is ObligationState.RETURNED and correction and not old.chosen:
        correction = cause.carried(correction)
    held = _latest(_held_until(old.due, cause.before), old.correction_due)
    holds = _latest(_held_until(due, cause.after), correction)
    by_rule = old.lock_on == _latest(was.lock_on, held)
    lock = _latest(now.lock_on if by_rule else old.lock_on, holds)
    return old._replace(due=due, correction_due=correction, lock_on=lock)


def _not_past(old: date | None, new: date | None, today: date) -> date | None:
    """A due date still ahead stays ahead."""
    return max(new, today) if old and new and old >= today else old


def _held_until(due: date | None, cal: WorkCalendar) -> date | None:
    return cal.shift(due, LOCK_AFTER_DUE) if due else None


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)


MOVE_COLUMNS = (
    *(DateMove.obligation_id, DateMove.problem_id, DateMove.moved),
    *(DateMove.old, DateMove.new, DateMove.why, DateMove.at, DateMove.by_post_id),
)


def move_values(moved: Moved, dates: Dates, cause: Cause) -> tuple[Any, ...]:
    """What is alike in the rows of one move; the two columns of its subject stand before it."""
    old, new = dates
    return (
        literal(moved, DateMove.moved.type),
        literal(old, DateMove.old.type),
        literal(new, DateMove.new.type),
        literal(cause.why),
        literal(cause.now, DateMove.at.type),
        literal(cause.by.post.id if cause.by.post else None, DateMove.by_post_id.type),
    )


def _carry_out(
    session: Session,
    moved: Moved,
    column: InstrumentedAttribute[date | None],
    before: int,
    cause: Cause,
) -> None:
    """Set the new dates, and the stored moments that are the ends of these days."""
    mine = and_(DateMove.id > before, DateMove.moved == moved)
    _set(session, Obligation.id, column, mine)
    if moved is not Moved.LOCK:
        _set(session, Deadline.obligation_id, Deadline.due, mine)
    moment = Obligation.lock_at if moved is Moved.LOCK else Extension.lapses_at
    subject = Obligation.id if moved is Moved.LOCK else Extension.obligation_id
    days = session.scalars(select(DateMove.new).where(mine).distinct()).all()
    for day in filter(None, days):
        those = select(DateMove.obligation_id).where(mine, DateMove.new == day)
        session.execute(
            update(moment.class_)
            .where(subject.in_(those), moment.is_not(null()))
            .values({moment.key: cause.after.end_of(day)})
            .execution_options(synchronize_session=False)
        )


def _set(
    session: Session,
    subject: InstrumentedAttribute[Any],
    column: InstrumentedAttribute[Any],
    mine: ColumnElement[bool],
) -> None:
    new = select(DateMove.new).where(mine, DateMove.obligation_id == subject)
    session.execute(
        update(column.class_)
        .where(subject.in_(select(DateMove.obligation_id).where(mine)))
        .values({column.key: new.scalar_subquery()})
        .execution_options(synchronize_session=False)
    )


def project_openings(session: Session, cause: Cause) -> None:
    """The next weeks to open: a week that has lost its working days owes nothing any more."""
    rows = session.execute(
        select(Deliverable, func.max(Obligation.period))
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .outerjoin(Obligation, and_(Obligation.deliverable_id == Deliverable.id, WEEKS))
        .where(
            Campaign.state.not_in(OVER),
            Deliverable.cycle == Cycle.WEEKLY,
            Deliverable.withdrawn_at.is_(null()),
        )
        .group_by(Deliverable.id)
    ).all()
    for deliverable, opened in rows:
        if deliverable.next_open_on == next_opening(deliverable, opened, cause.before):
            deliverable.next_open_on = next_opening(deliverable, opened, cause.after)
    session.flush()
