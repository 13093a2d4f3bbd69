"""Who is to hear of the rungs a round has fired: one item per fire and person.

The statements are the same in every round, so they are built once and run with a round's values.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import (
    CTE,
    Date,
    Integer,
    and_,
    bindparam,
    exists,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from ledger.deadlines import Deadline, Fired, LadderRole, RungFire
from ledger.keys import sql_key
from ledger.messages import Item, ItemKind, Round
from ledger.recipients import recipients
from ledger.roles import Role
from ledger.spans import Ids, Span
from ledger.sql import Insertion, Rows
from ledger.units import Post, valid_on

ROUND = bindparam("round_id", type_=Integer)
AT = bindparam("at", type_=Item.at.type)
TODAY = bindparam("today", type_=Date)
OF_THE_SPAN = RungFire.id.between(
    bindparam("first", type_=Integer), bindparam("last", type_=Integer)
)

SENT_NOW = (RungFire.round_id == ROUND, RungFire.fired == Fired.SENT)
FIRED = Ids(select(RungFire.id).where(*SENT_NOW))

COLUMNS = (
    Item.key,
    Item.person_id,
    Item.post_id,
    Item.kind,
    Item.at,
    Item.campaign_id,
    Item.rung_fire_id,
    Item.deadline_id,
    Item.obligation_id,
    Item.problem_id,
    Item.epoch,
    Item.due,
    Item.why,
)


def fired_rungs(session: Session, current: Round, batch: int) -> list[Span]:
    """The round's fires somebody is to hear of, at most `batch` to a span."""
    return FIRED.spans(session, batch, round_id=current.id)


def tell_of_rungs(session: Session, current: Round, span: Span) -> None:
    """Write who hears of the fires of a span."""
    values = {"round_id": current.id, "at": current.at, "today": current.day}
    _items().into(session, **span._asdict(), **values)


@cache
def _items() -> Insertion:
    """For everybody behind the offices of the rungs fired, then for offices nobody holds."""
    asked = _offices().cte("asked")
    held = recipients(asked, TODAY)
    told = union_all(select(literal(0).label("instead"), *held.c), _vacant(asked, held)).subquery()
    of = told.c
    rows = select(
        sql_key("rung", of.fire_id, of.person_id),
        of.person_id,
        of.post_id,
        literal(ItemKind.RUNG, Item.kind.type),
        AT,
        of.campaign_id,
        of.fire_id,
        of.deadline_id,
        of.obligation_id,
        of.problem_id,
        of.epoch,
        of.due,
        of.why,
    ).order_by(of.instead, of.fire_id, of.rung, of.post_id, of.why)
    return Insertion(Item, COLUMNS, rows)


def _vacant(asked: CTE, held: CTE) -> Rows:
    """An office nobody holds is never silent: the campaign office hears of it instead."""
    somebody = exists().where(held.c.fire_id == asked.c.fire_id, held.c.role == asked.c.role)
    why = literal("没有在任的") + asked.c.role.cast(Item.why.type) + literal("，改报活动办")
    return (
        select(literal(1), *asked.c, Post.id, Post.person_id, why)
        .select_from(asked)
        .join(Post, and_(Post.role == Role.OFFICE, valid_on(Post, TODAY)))
        .where(~somebody)
    )


def _offices() -> Rows:
    """The offices of each fire's rungs."""
    return (
        select(
            RungFire.id.label("fire_id"),
            LadderRole.rung,
            LadderRole.role,
            Deadline.respondent_id,
            Deadline.campaign_id,
            Deadline.id.label("deadline_id"),
            Deadline.obligation_id,
            Deadline.problem_id,
            RungFire.epoch,
            RungFire.due,
        )
        .join(Deadline, Deadline.id == RungFire.deadline_id)
        .join(
            LadderRole,
            and_(
                LadderRole.ladder_id == Deadline.ladder_id,
                LadderRole.rung.between(RungFire.from_rung, RungFire.rung),
            ),
        )
        .where(*SENT_NOW, OF_THE_SPAN)
    )
