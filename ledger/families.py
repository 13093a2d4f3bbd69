"""Families of messages: one that could not reach its reader, and those it was carried on as."""

from __future__ import annotations

from sqlalchemy import CTE, ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from ledger.messages import Message, MessageState
from ledger.sql import Rows


def first_message(session: Session, message: Message) -> Message:
    """The message as it was first written, whoever it has been carried on to since."""
    while message.origin_id is not None:
        message = session.get_one(Message, message.origin_id)
    return message


def onwards(start: Rows) -> CTE:
    """The messages of `start` and all they were carried on as.

    `start` selects their `id` first; its other columns are those of the first for all after it.
    """
    family = start.cte(recursive=True)
    after = aliased(Message)
    _, *more = family.c
    return family.union(select(after.id, *more).join(family, after.origin_id == family.c.id))


def backwards(start: ColumnElement[bool]) -> CTE:
    """Each of these messages with itself and all it carries on: its `id`, and the one `of` them."""
    line = select(Message.id, Message.id.label("of")).where(start)
    family = line.cte(recursive=True)
    this = aliased(Message)
    before = select(family.c.id, this.origin_id).join(this, this.id == family.c.of)
    return family.union(before.where(this.origin_id.is_not(None)))


def carried_on() -> ColumnElement[bool]:
    """Another message carries this one on."""
    after = aliased(Message)
    return select(after.id).where(after.origin_id == Message.id).exists()


def lost() -> ColumnElement[bool]:
    """It has failed, and nobody got it instead."""
    return and_(Message.state == MessageState.FAILED, ~carried_on())
