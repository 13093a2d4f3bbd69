"""The ladders in a round: claim every rung that has fallen due.

Cases that stand alike (same ladder, dates, epoch and place) are decided once and moved by a few
statements, a few thousand rows at a time. The INSERT into rung_fire is the claim.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, CampaignState
from ledger.climb import Case, Fire, Position, Step, climbed
from ledger.deadlines import RUNS, Deadline, RungFire
from ledger.keys import sql_key
from ledger.ladders import offsets
from ledger.messages import Item, ItemKind, Round
from ledger.roles import Role
from ledger.spans import Ids, Span
from ledger.sql import Insertion, insert_new
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


DUE = Ids(select(Deadline.id).where(Deadline.next_at <= bindparam("now", type_=Round.at.type)))


def due_rungs(session: Session, current: Round, batch: int) -> list[Span]:
    """The cases whose next rung has come, at most `batch` to a span."""
    return DUE.spans(session, batch, now=current.at)


def climb(session: Session, current: Round, span: Span, cal: WorkCalendar) -> None:
    """Fire the rungs due of the cases of a span, those alike together."""
    rows = session.execute(_groups(), {"now": current.at, **span._asdict()}).all()
    for *columns, first, last in rows:
        _move_or_halve(session, current, Group(*columns), Span(first, last), cal)


def _move_or_halve(
    session: Session, current: Round, group: Group, span: Span, cal: WorkCalendar
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
        _move_or_halve(session, current, group, Span(first, middle), cal)
        _move_or_halve(session, current, group, Span(middle + 1, last), cal)


def _move(session: Session, current: Round, group: Group, span: Span, cal: WorkCalendar) -> None:
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
    which = {f"the_{name}": value for name, value in group._asdict().items()} | span._asdict()
    for fire in fires:
        _claim(session, current, fire, which)
    after = {
        "now_told": position.told,
        "now_rung": position.step.rung,
        "now_repeat": position.step.repeat,
        "now_at": cal.start_of(position.on) if position.on else None,
    }
    session.connection().execute(_advance(), which | after)


def _claim(session: Session, current: Round, fire: Fire, which: dict[str, Any]) -> None:
    _claims().into(
        session,
        **which,
        of_rung=fire.step.rung,
        of_repeat=fire.step.repeat,
        heard_from=fire.from_rung,
        became=fire.fired,
        planned=fire.planned_on,
        decided=current.at,
        in_round=current.id,
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


IN_SPAN = Deadline.id.between(bindparam("first", type_=Integer), bindparam("last", type_=Integer))


@cache
def _groups() -> Select[*tuple[Any, ...]]:
    """The groups of a span, each with its first and its last id."""
    running = select(Campaign.id).where(Campaign.state == CampaignState.RUNNING)
    now = bindparam("now", type_=Deadline.next_at.type)
    return (
        select(*COLUMNS, func.min(Deadline.id), func.max(Deadline.id))
        .where(IN_SPAN, Deadline.next_at <= now, RUNS, Deadline.campaign_id.in_(running))
        .group_by(*COLUMNS)
        .order_by(func.min(Deadline.id))
    )


def _alike() -> tuple[ColumnElement[bool], ...]:
    """The cases of the span that stand as the group does."""
    same = (
        column == bindparam(f"the_{name}", type_=column.type)
        for name, column in zip(Group._fields, COLUMNS, strict=True)
    )
    return (*same, RUNS, IN_SPAN)


@cache
def _claims() -> Insertion:
    t = RungFire
    rows = select(
        Deadline.id,
        Deadline.epoch,
        bindparam("of_rung", type_=Integer),
        bindparam("of_repeat", type_=Integer),
        bindparam("heard_from", type_=Integer),
        bindparam("became", type_=t.fired.type),
        Deadline.due,
        bindparam("planned", type_=Date),
        bindparam("decided", type_=t.decided_at.type),
        bindparam("in_round", type_=Integer),
    ).where(*_alike())
    columns = (t.deadline_id, t.epoch, t.rung, t.repeat, t.from_rung, t.fired, t.due)
    return Insertion(t, (*columns, t.planned_on, t.decided_at, t.round_id), rows)


@cache
def _advance() -> Update:
    return (
        update(Deadline)
        .where(*_alike())
        .values(
            told=bindparam("now_told", type_=Integer),
            next_rung=bindparam("now_rung", type_=Integer),
            next_repeat=bindparam("now_repeat", type_=Integer),
            next_at=bindparam("now_at", type_=Deadline.next_at.type),
        )
    )
