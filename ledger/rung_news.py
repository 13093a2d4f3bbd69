"""Who is to hear of the rungs a round has fired: one item per fire and person.

The statements are the same in every round, so they are built once and run with a round's values.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, Select, and_, bindparam, exists, func, literal, select
from sqlalchemy.orm import Session

from ledger.deadlines import Deadline, Fired, LadderRole, RungFire
from ledger.keys import sql_key
from ledger.messages import Item, ItemKind, Round
from ledger.recipients import recipients
from ledger.roles import Role
from ledger.sql import Insertion, Rows
from ledger.units import Post, valid_on

ROUND = bindparam("round_id", type_=Integer)
AT = bindparam("at", type_=Item.at.type)
TODAY = bindparam("today", type_=Date)
AFTER, LAST = bindparam("after", type_=Integer), bindparam("last", type_=Integer)

SENT_NOW = (RungFire.round_id == ROUND, RungFire.fired == Fired.SENT, RungFire.id > AFTER)

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


def tell_of_rungs(session: Session, current: Round, after: int, batch: int) -> int | None:
    """Write who hears of the round's fires with ids above `after`; the last id, or None."""
    values = {"round_id": current.id, "after": after}
    last: int | None = session.scalar(_last_of_batch(), {**values, "batch": batch})
    if last is None:
        return None
    values["last"] = last
    for insertion in (_items(), _items_for_nobody()):
        insertion.into(session, **values, at=current.at, today=current.day)
    return last


@cache
def _last_of_batch() -> Select[int]:
    ids = select(RungFire.id).where(*SENT_NOW).order_by(RungFire.id)
    batch = ids.limit(bindparam("batch", type_=Integer)).subquery()
    return select(func.max(batch.c.id))


@cache
def _items() -> Insertion:
    """For everybody behind the offices of the rungs fired."""
    found = _found()
    rows = (
        _fires_with_roles()
        .join(
            found,
            and_(found.c.respondent_id == Deadline.respondent_id, found.c.role == LadderRole.role),
        )
        .with_only_columns(*_values(found.c.person_id, found.c.post_id, found.c.why))
        .order_by(RungFire.id, LadderRole.rung, found.c.post_id, found.c.why)
    )
    return Insertion(Item, COLUMNS, rows)


@cache
def _items_for_nobody() -> Insertion:
    """An office nobody holds is never silent: the campaign office hears of it instead."""
    found = _found()
    held = exists().where(
        found.c.respondent_id == Deadline.respondent_id, found.c.role == LadderRole.role
    )
    why = literal("没有在任的") + LadderRole.role.cast(Item.why.type) + literal("，改报活动办")
    rows = (
        _fires_with_roles()
        .join(Post, and_(Post.role == Role.OFFICE, valid_on(Post, TODAY)))
        .where(~held)
        .with_only_columns(*_values(Post.person_id, Post.id, why))
        .order_by(RungFire.id, LadderRole.rung, Post.id, LadderRole.role)
    )
    return Insertion(Item, COLUMNS, rows)


def _found() -> Any:
    asked = (
        select(Deadline.respondent_id)
        .join(RungFire, RungFire.deadline_id == Deadline.id)
        .where(*SENT_NOW, RungFire.id <= LAST)
    )
    return recipients(asked, TODAY)


def _fires_with_roles() -> Rows:
    return (
        select(RungFire.id)
        .join(Deadline, Deadline.id == RungFire.deadline_id)
        .join(
            LadderRole,
            and_(
                LadderRole.ladder_id == Deadline.ladder_id,
                LadderRole.rung.between(RungFire.from_rung, RungFire.rung),
            ),
        )
        .where(*SENT_NOW, RungFire.id <= LAST)
    )


def _values(person: Any, post: Any, why: Any) -> tuple[Any, ...]:
    return (
        sql_key("rung", RungFire.id, person),
        person,
        post,
        literal(ItemKind.RUNG, Item.kind.type),
        AT,
        Deadline.campaign_id,
        RungFire.id,
        Deadline.id,
        Deadline.obligation_id,
        Deadline.problem_id,
        RungFire.epoch,
        RungFire.due,
        why,
    )
