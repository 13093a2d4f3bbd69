"""What became of messages: the outbox in rows, newest last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from ledger.addresses import ChannelKind
from ledger.families import backwards
from ledger.messages import Attempt, Item, Message, MessageKind, MessageState
from ledger.queries import Where
from ledger.respondents import in_parts
from ledger.signatures import Signature
from ledger.sql import Rows
from ledger.units import Person


@dataclass(frozen=True)
class MessageRow:
    """A message in one line; `lines` counts what it is about.

    `channel`, `address` and `answer` are those of the last attempt. `carried_from` and
    `carried_to` name whom it was first meant for, and who got it instead. `sign_by` is None where
    it need not be signed for; `signer` signed, through `signed_message`: this one, or another of
    those it was carried on as.
    """

    id: int
    kind: MessageKind
    to: str
    state: MessageState
    created_at: datetime
    leaves_at: datetime
    sent_at: datetime | None
    attempts: int
    reason: str | None
    subject: str | None
    lines: int
    resends: int
    again: bool
    channel: ChannelKind | None
    address: str | None
    answer: str | None
    carried_from: str | None
    carried_to: str | None
    sign_by: date | None
    signed_at: datetime | None
    signed_message: int | None
    signer: str | None

    @property
    def at(self) -> datetime:
        """When it left; where it has not, when it is to leave or was to."""
        return self.sent_at or self.leaves_at


def count_messages(session: Session, where: Where = ()) -> int:
    """How many messages meet the conditions."""
    return session.scalar(select(func.count(Message.id)).where(*where)) or 0


def last_messages(session: Session, where: Where, last: int) -> list[int]:
    """The ids of the newest `last` messages that meet the conditions, newest last."""
    rows = select(Message.id).where(*where)
    newest = rows.order_by(Message.leaves_at.desc(), Message.id.desc()).limit(last)
    return list(session.scalars(newest))[::-1]


def message_rows(session: Session, ids: Sequence[int]) -> list[MessageRow]:
    """These messages, in the order in which the ids are given."""
    found: dict[int, MessageRow] = {}
    for some in in_parts(ids):
        carried, signed = _carried_to(session, some), _signatures(session, some)
        for row in session.execute(_rows(), {"ids": some}):
            found[row.id] = MessageRow(
                **row._mapping, carried_to=carried.get(row.id), **signed.get(row.id, NOT_ASKED)
            )
    return [found[id] for id in ids if id in found]


def batches(session: Session, where: Where, size: int) -> Iterator[list[int]]:
    """The ids of all messages that meet the conditions, newest last, `size` at once."""
    rows = select(Message.id).where(*where).order_by(Message.leaves_at, Message.id)
    ids = session.scalars(rows.execution_options(yield_per=size))
    yield from (list(some) for some in ids.partitions(size))


@cache
def _rows() -> Rows:
    lines = select(func.count(Item.id)).where(Item.message_id == Message.id).scalar_subquery()
    last_try = select(func.max(Attempt.id)).where(Attempt.message_id == Message.id)
    origin, first_meant = aliased(Message), aliased(Person)
    return (
        select(
            Message.id,
            Message.kind,
            Person.name.label("to"),
            Message.state,
            Message.created_at,
            Message.leaves_at,
            Message.sent_at,
            Message.attempts,
            Message.reason,
            Message.subject,
            lines.label("lines"),
            Message.resends,
            Message.again,
            Attempt.channel,
            Attempt.address,
            Attempt.said.label("answer"),
            first_meant.name.label("carried_from"),
        )
        .join(Person, Person.id == Message.person_id)
        .outerjoin(Attempt, Attempt.id == last_try.correlate(Message).scalar_subquery())
        .outerjoin(origin, origin.id == Message.origin_id)
        .outerjoin(first_meant, first_meant.id == origin.person_id)
        .where(Message.id.in_(bindparam("ids", expanding=True)))
    )


NOT_ASKED = dict.fromkeys(("sign_by", "signed_at", "signed_message", "signer"))
"""What is known of the signature of a message that asks for none."""


def _signatures(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The signatures these messages ask for; one carried on asks for that of the first."""
    rows = session.execute(_signed(), {"ids": ids})
    return {row.id: {name: row._mapping[name] for name in NOT_ASKED} for row in rows}


@cache
def _signed() -> Rows:
    family = backwards(Message.id.in_(bindparam("ids", expanding=True)))
    through = aliased(Message)
    return (
        select(
            family.c.id,
            Signature.due.label("sign_by"),
            Signature.signed_at,
            Signature.signed_message_id.label("signed_message"),
            Person.name.label("signer"),
        )
        .join(Signature, Signature.message_id == family.c.of)
        .outerjoin(through, through.id == Signature.signed_message_id)
        .outerjoin(Person, Person.id == through.person_id)
    )


def _carried_to(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Who got these messages in the place of those who could not be reached."""
    rows = session.execute(
        select(Message.origin_id, Person.name)
        .join(Person, Person.id == Message.person_id)
        .where(Message.origin_id.in_(ids))
        .order_by(Message.id)
    )
    return {origin: name for origin, name in rows if origin is not None}
