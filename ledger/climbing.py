"""The ladders in a round: claim every rung that has fallen due.

Cases that stand alike (same ladder, dates, epoch and place) are decided once and moved by a few
statements, a few thousand rows at a time. The INSERT into rung_fire is the claim.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, literal, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, CampaignState
from ledger.climb import Case, Fire, Position, Step, climbed
from ledger.deadlines import Clock, Deadline, RungFire
from ledger.keys import sql_key
from ledger.ladders import offsets
from ledger.messages import Item, ItemKind, Round
from ledger.roles import Role
from ledger.sql import insert_new
from ledger.units import Post, valid_on
from ledger.workdays import WorkCalendar


class Group(NamedTuple):
    """What deadlines that are decided together have in common."""

    ladder_id: int
    due: date
    opened_on: date
    armed_on: date
    epoch: int
    start_rung: int
    told: int
    next_rung: int
    next_repeat: int
    next_at: datetime


COLUMNS = tuple(getattr(Deadline, name) for name in Group._fields)

BAD_ROW = (LookupError, ValueError, OverflowError, IntegrityError, DataError)
"""What a single bad row can raise; a full disk or a lost connection is none of these."""


def climb_one_batch(session: Session, current: Round, cal: WorkCalendar, batch: int) -> bool:
    """Fire the rungs due of some `batch` cases, those alike together; whether more may be due."""
    rows = session.execute(
        select(*COLUMNS, func.count(), func.min(Deadline.id), func.max(Deadline.id))
        .join(Campaign, Campaign.id == Deadline.campaign_id)
        .where(*_due(current.at), Campaign.state == CampaignState.RUNNING)
        .group_by(*COLUMNS)
        .order_by(func.min(Deadline.id))
    ).all()
    done = 0
    for *columns, number, first, last in rows:
        group, bound = Group(*columns), last
        if number > batch:
            bound = session.scalars(_alike(group).order_by(Deadline.id).offset(batch - 1)).first()
        _move_or_halve(session, current, group, (first, bound or last), cal)
        done += min(number, batch)
        if done >= batch:
            return True
    return False


def _due(now: datetime) -> tuple[Any, ...]:
    return (Deadline.next_at <= now, Deadline.clock == Clock.RUNNING)


def _alike(group: Group) -> Select[int]:
    same = (column == value for column, value in zip(COLUMNS, group, strict=True))
    return select(Deadline.id).where(*same, Deadline.clock == Clock.RUNNING)


def _move_or_halve(
    session: Session, current: Round, group: Group, span: tuple[int, int], cal: WorkCalendar
) -> None:
    """Move the cases of a span of ids; one that cannot be moved is set aside, alone."""
    try:
        with session.begin_nested():
            _move(session, current, group, span, cal)
    except BAD_ROW as error:
        first, last = span
        if first == last:
            _set_aside(session, current, first, error)
            return
        middle = (first + last) // 2
        _move_or_halve(session, current, group, (first, middle), cal)
        _move_or_halve(session, current, group, (middle + 1, last), cal)


def _move(
    session: Session, current: Round, group: Group, span: tuple[int, int], cal: WorkCalendar
) -> None:
    claimed = _alike(group).where(Deadline.id.between(*span))
    standing = Case(
        offsets(session, group.ladder_id),
        group.due,
        group.opened_on,
        group.armed_on,
        group.epoch,
        group.start_rung,
    )
    step = Step(group.next_rung, group.next_repeat)
    place = Position(step, cal.local_day(group.next_at), group.told)
    fires, position = climbed(standing, place, cal.local_day(current.at), cal)
    for fire in fires:
        _claim(session, current, group, fire, claimed)
    session.execute(
        update(Deadline)
        .where(Deadline.id.in_(claimed.scalar_subquery()))
        .values(
            told=position.told,
            next_rung=position.step.rung,
            next_repeat=position.step.repeat,
            next_at=cal.start_of(position.on) if position.on else None,
        )
        .execution_options(synchronize_session=False)
    )


def _set_aside(session: Session, current: Round, deadline_id: int, error: Exception) -> None:
    """Take a bad row out of the rounds and let the office see it."""
    reason = f"{type(error).__name__}: {error}"[:200]
    session.execute(
        update(Deadline)
        .where(Deadline.id == deadline_id)
        .values(next_at=None, set_aside=reason)
        .execution_options(synchronize_session=False)
    )
    key = sql_key("aside", Deadline.id, Deadline.epoch, Post.person_id)
    rows = (
        select(
            key,
            Post.person_id,
            Post.id,
            literal(ItemKind.SET_ASIDE, Item.kind.type),
            literal(current.at, Item.at.type),
            Deadline.campaign_id,
            Deadline.id,
            Deadline.obligation_id,
            Deadline.problem_id,
            literal(reason),
        )
        .select_from(Deadline)
        .join(Post, and_(Post.role == Role.OFFICE, valid_on(Post, current.day)))
        .where(Deadline.id == deadline_id)
    )
    columns = [Item.key, Item.person_id, Item.post_id, Item.kind, Item.at, Item.campaign_id]
    columns += [Item.deadline_id, Item.obligation_id, Item.problem_id, Item.why]
    insert_new(session, Item, columns, rows)


def _claim(
    session: Session, current: Round, group: Group, fire: Fire, claimed: Select[int]
) -> None:
    t = RungFire
    rows = claimed.with_only_columns(
        Deadline.id,
        Deadline.epoch,
        literal(fire.step.rung),
        literal(fire.step.repeat),
        literal(fire.from_rung),
        literal(fire.fired, t.fired.type),
        literal(group.due, t.due.type),
        literal(fire.planned_on, t.planned_on.type),
        literal(current.at, t.decided_at.type),
        literal(current.id),
    )
    columns = [t.deadline_id, t.epoch, t.rung, t.repeat, t.from_rung, t.fired, t.due]
    insert_new(session, t, [*columns, t.planned_on, t.decided_at, t.round_id], rows)
