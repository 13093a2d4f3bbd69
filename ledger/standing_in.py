"""Deputies hear in the stead of whoever is away, as long as they are there themselves."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Update, and_, bindparam, case, null, or_, select, update
from sqlalchemy.orm import Session, aliased

from ledger.absences import Absence, away_on
from ledger.messages import Item, Round
from ledger.units import Day, Post

TODAY = bindparam("today", type_=Date)

ANYBODY_AWAY = (
    select(Absence.id)
    .where(Absence.first <= TODAY, Absence.last.is_(null()) | (Absence.last >= TODAY))
    .limit(1)
)

TAKEN_BY_DEPUTY = "外出，由代理人代收"


def _stood_in(day: Day) -> ColumnElement[bool]:
    """The holder of the post is away, and its deputy is not."""
    return and_(
        Post.deputy_id.is_not(null()),
        away_on(day),
        ~away_on(day, Post.deputy_id),
    )


def hearer_on(day: date) -> ColumnElement[int]:
    """Who hears what a post is told on that day: its holder, or the deputy in the stead of one."""
    return case((_stood_in(day), Post.deputy_id), else_=Post.person_id)


def hearer(session: Session, post: Post, day: date) -> int:
    """The same for one post: the person's id."""
    return session.scalars(select(hearer_on(day)).where(Post.id == post.id)).one()


def hand_to_deputies(session: Session, current: Round) -> None:
    """What waits for someone away goes to the deputy; what the deputy hears anyway, once."""
    today = {"today": current.day}
    if session.scalar(ANYBODY_AWAY, today) is None:
        return
    session.execute(_leave_out(), today)
    session.execute(_hand_over(), today)


@cache
def _leave_out() -> Update:
    """The deputy has a line about the same case of the same occasion: one is enough."""
    other = aliased(Item)
    same = (
        other.kind == Item.kind,
        other.message_id.is_(null()),
        other.dropped.is_(null()),
        other.person_id == _deputy(),
        other.rung_fire_id.is_not_distinct_from(Item.rung_fire_id),
        other.deadline_id.is_not_distinct_from(Item.deadline_id),
        other.deliverable_id.is_not_distinct_from(Item.deliverable_id),
        other.stage_id.is_not_distinct_from(Item.stage_id),
        other.signature_id.is_not_distinct_from(Item.signature_id),
        or_(Item.rung_fire_id.is_not(null()), other.why == Item.why),
    )
    return (
        update(Item)
        .where(*_waiting_for_one_away(), select(other.id).where(*same).exists())
        .values(dropped=TAKEN_BY_DEPUTY)
        .execution_options(synchronize_session=False)
    )


@cache
def _hand_over() -> Update:
    return (
        update(Item)
        .where(*_waiting_for_one_away())
        .values(person_id=_deputy())
        .execution_options(synchronize_session=False)
    )


def _deputy() -> Any:
    # Said outright: two levels down it would be read as any line, not the one at hand.
    of_the_line = select(Post.deputy_id).where(Post.id == Item.post_id).correlate(Item)
    return of_the_line.scalar_subquery()


def _waiting_for_one_away() -> tuple[ColumnElement[bool], ...]:
    his = select(Post.id).where(
        Post.id == Item.post_id, Post.person_id == Item.person_id, _stood_in(TODAY)
    )
    return (Item.message_id.is_(null()), Item.dropped.is_(null()), his.exists())
