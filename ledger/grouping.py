"""Grouping: what each person is to hear in this round becomes one message.

What every round asks, also one with nothing to tell, is built once.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, bindparam, func, literal, null, select, update
from sqlalchemy.orm import Session

from ledger.keys import sql_key
from ledger.messages import Item, Message, MessageKind, MessageState, Round
from ledger.sql import changed, insert_new
from ledger.storm import Brake, hold, storm_in
from ledger.workdays import WorkCalendar

ROUND = bindparam("of_round", type_=Integer)

WAITING = (Item.message_id.is_(null()), Item.dropped.is_(null()))
PERSONS = select(Item.person_id).where(*WAITING).distinct().order_by(Item.person_id)
BATCH_OF_PERSONS = PERSONS.limit(bindparam("batch", type_=Integer)).subquery().c.person_id
LAST_AND_NUMBER = select(func.max(BATCH_OF_PERSONS), func.count(BATCH_OF_PERSONS))

SEAL = (
    update(Round)
    .where(Round.id == ROUND, Round.sealed_at.is_(null()))
    .values(sealed_at=bindparam("now"))
    .execution_options(synchronize_session=False)
)
READY = (
    update(Message)
    .where(Message.round_id == ROUND, Message.state == MessageState.DRAFT)
    .values(state=MessageState.READY)
    .execution_options(synchronize_session=False)
)


def group_one_batch(session: Session, current: Round, cal: WorkCalendar, batch: int) -> bool:
    """One draft message for each of at most `batch` persons; whether more may wait."""
    last, number = session.execute(LAST_AND_NUMBER, {"batch": batch}).one()
    if last is None:
        return False
    chosen = (*WAITING, Item.person_id <= last)
    rows = (
        select(
            sql_key(MessageKind.DIGEST.value, current.id, Item.person_id),
            literal(MessageKind.DIGEST, Message.kind.type),
            Item.person_id,
            literal(current.id),
            literal(MessageState.DRAFT, Message.state.type),
            literal(current.at, Message.created_at.type),
            literal(cal.leaves_at(current.at), Message.leaves_at.type),
            literal(0),
        )
        .where(*chosen)
        .distinct()
        .order_by(Item.person_id)
    )
    columns: list[Any] = [Message.key, Message.kind, Message.person_id, Message.round_id]
    columns += [Message.state, Message.created_at, Message.leaves_at, Message.attempts]
    insert_new(session, Message, columns, rows)
    mine = select(Message.id).where(
        Message.round_id == current.id, Message.person_id == Item.person_id
    )
    session.execute(
        update(Item)
        .where(*chosen)
        .values(message_id=mine.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    return bool(number == batch)


def seal(session: Session, current: Round, cal: WorkCalendar, brake: Brake | None = None) -> bool:
    """Messages become ready in the round's last commit; False when it was sealed already.

    With a brake they are held instead when they are far more than usual.
    """
    of_round = {"of_round": current.id}
    if changed(session, SEAL, now=current.at, **of_round) == 0:
        return False
    braked = brake and current.released_at is None
    storm = storm_in(session, current, brake) if brake and braked else None
    if storm:
        hold(session, current, storm, cal)
    else:
        session.execute(READY, of_round)
    return True
